import type { Judgement } from '../guardrail/model.ts'
import { countWords, durationWords, shareWords, some } from '../words.ts'
import type { Plan, RampInputs, RampState, Stage, WaitsFor } from './model.ts'
import { activeStage, remainingHoldMs, stageWords } from './state.ts'

/** Judgements older than this say nothing about now. */
const STALE_MS = 60_000

/** What has to come before the stage can be left, all of it, the most serious first. */
export function obstacles(plan: Plan, state: RampState, inputs: RampInputs, now: number): WaitsFor[] {
  const stage = activeStage(plan, state)
  if (stage === undefined) return []
  const missing: [WaitsFor, boolean][] = [
    ['legacy-health', state.withheld.length > 0],
    ['guardrail', binding(inputs).some(({ verdict }) => verdict === 'fail')],
    ['metrics', isStale(inputs, now) || binding(inputs).some(({ verdict }) => verdict === 'error')],
    ['sample', lacksSample(stage, inputs)],
    ['hold', remainingHoldMs(plan, state) > 0],
    ['checklist', openItems(stage, state).length > 0],
    ['person', stage.gate === 'manual' && hasNext(plan, state)],
    ['approval', needsApproval(plan, state, inputs) && state.approval === null],
    ['freeze', hasNext(plan, state) && inputs.freeze !== null],
    ['stop-the-line', hasNext(plan, state) && inputs.stopTheLine !== null],
  ]
  return missing.filter(([, stands]) => stands).map(([what]) => what)
}

/** New is healthy as far as anybody can tell, and somebody can: this is time that counts as held. */
export function isHealthy(waits: readonly WaitsFor[]): boolean {
  return !waits.some(
    (what) => what === 'legacy-health' || what === 'guardrail' || what === 'metrics' || what === 'sample',
  )
}

export function hasNext(plan: Plan, state: RampState): boolean {
  return state.stage + 1 < plan.stages.length
}

/** Those that hold, pause or roll back: neither dry runs nor alerts. */
export function binding({ judgements }: RampInputs): Judgement[] {
  return judgements.filter(({ dryRun, action }) => !dryRun && action !== 'alert')
}

export function openItems(stage: Stage, state: RampState): string[] {
  return stage.checklist
    .filter(({ id, required }) => required && !state.ticked.some(({ itemId }) => itemId === id))
    .map(({ text }) => text)
}

/** One sentence: why the ramp is where it is, and what would move it. */
export function whyItWaits(plan: Plan, state: RampState, inputs: RampInputs, now: number): string {
  const stage = activeStage(plan, state)
  switch (state.status) {
    case 'ready':
      return 'Not started.'
    case 'ended':
      return ENDED[state.ending ?? 'stopped']
    case 'stepping-back':
      return `Steps back from ${shareWords(state.share)}; the next step is in ${durationWords((state.nextStepAt ?? now) - now)}.`
    case 'paused':
      return `${PAUSED[state.pausedBy ?? 'person']} ${durationWords(remainingHoldMs(plan, state))} of the hold are left.`
    case 'running': {
      const what = obstacles(plan, state, inputs, now)[0]
      if (stage === undefined || what === undefined) return 'About to move on.'
      return `In ${stageWords(plan, state.stage)}: ${sentence(what, stage, plan, state, inputs)}.`
    }
  }
}

const ENDED = {
  complete: 'Complete: everybody is on new.',
  'below-100': 'The plan ends here; what comes next waits for another plan.',
  'rolled-back': 'Rolled back: everybody is on legacy.',
  stopped: 'Stopped by a person; the share stays where it is.',
} as const

const PAUSED = {
  person: 'Paused by a person.',
  'hand-move': 'Paused because somebody moved the slider.',
  guardrail: 'Paused by a guardrail.',
} as const

function sentence(what: WaitsFor, stage: Stage, plan: Plan, state: RampState, inputs: RampInputs): string {
  switch (what) {
    case 'legacy-health':
      return `a guardrail fails, but legacy is worse (${inputs.legacyIsWorse ?? 'until a moment ago'}); a person decides`
    case 'guardrail':
      return listed('fails', inputs, 'fail')
    case 'metrics':
      return listed('has no numbers', inputs, 'error') || 'no fresh numbers'
    case 'sample': {
      if (inputs.requestsOnNew < stage.minimumRequests)
        return `${countWords(inputs.requestsOnNew)} of ${some(stage.minimumRequests, 'request')} on new so far`
      return listed('has too few requests', inputs, 'inconclusive')
    }
    case 'hold':
      return `healthy for ${durationWords(state.clock.heldMs)}, ${durationWords(remainingHoldMs(plan, state))} to go`
    case 'checklist':
      return `to be ticked: ${openItems(stage, state).join('; ')}`
    case 'person':
      return 'waits for a person to go on'
    case 'approval':
      return 'waits for an approval'
    case 'freeze':
      return `freeze ${inputs.freeze?.name ?? ''} holds the next stage`
    case 'stop-the-line':
      return `${inputs.stopTheLine?.by ?? 'somebody'} stopped the line`
  }
}

function listed(does: string, inputs: RampInputs, verdict: Judgement['verdict']): string {
  const found = binding(inputs).filter((judgement) => judgement.verdict === verdict)
  return found.map(({ name, words }) => `${name} ${does} (${words})`).join('; ')
}

function lacksSample(stage: Stage, inputs: RampInputs): boolean {
  return (
    inputs.requestsOnNew < stage.minimumRequests ||
    binding(inputs).some(({ verdict }) => verdict === 'inconclusive')
  )
}

function needsApproval(plan: Plan, state: RampState, inputs: RampInputs): boolean {
  if (!hasNext(plan, state)) return false
  return activeStage(plan, state)?.gate === 'approval' || inputs.raiseNeedsApproval
}

function isStale({ judgements, judgedAt }: RampInputs, now: number): boolean {
  return judgements.length > 0 && now - judgedAt > STALE_MS
}
