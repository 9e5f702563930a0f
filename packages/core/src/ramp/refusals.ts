import type { PersonAct, Plan, RampInputs, RampState, RefusalCode } from './model.ts'
import { stageWords } from './state.ts'

export interface Refused {
  readonly ok: false
  readonly code: RefusalCode
  readonly words: string
}

export function no<Code extends RefusalCode>(code: Code, words: string): Refused & { readonly code: Code } {
  return { ok: false, code, words }
}

/** For acts on the active stage: it must be the one that was on the screen. */
export function stageRefusal(plan: Plan, state: RampState, { leaving }: PersonAct): Refused | null {
  if (state.status === 'ended') return no('ended', 'The ramp has ended')
  if (state.status !== 'running' && state.status !== 'paused')
    return no('not_running', state.status === 'ready' ? 'Not started' : 'The ramp is stepping back')
  if (leaving === state.stage) return null
  const words = `This was meant for ${stageWords(plan, leaving)}; the ramp is in ${stageWords(plan, state.stage)}`
  return no('stage_left', words)
}

/** Freezes and stop-the-line block raises, never lowering (rule 21). */
export function raiseRefusal({
  freeze,
  stopTheLine,
}: Pick<RampInputs, 'freeze' | 'stopTheLine'>):
  | (Refused & { readonly code: 'freeze' | 'stop_the_line' })
  | null {
  if (stopTheLine !== null)
    return no(
      'stop_the_line',
      `${stopTheLine.by} stopped the line${because(stopTheLine)}: no raises until it is lifted`,
    )
  if (freeze === null) return null
  const end = freeze.until === null ? ', and no end is in sight' : ` until ${minuteOf(freeze.until)}`
  return no('freeze', `The freeze ${freeze.name} blocks raises${end}`)
}

function because({ reason }: { readonly reason?: string }): string {
  return reason === undefined ? '' : ` (${reason})`
}

function minuteOf(instant: number): string {
  return `${new Date(instant).toISOString().slice(0, 16).replace('T', ' ')} UTC`
}
