import type { RampDetail } from '@crossfade/contracts/api/ramps'
import type { StageView } from '@crossfade/contracts/ramp'
import { durationWords } from '@crossfade/core/words'

export type StageLook = 'done' | 'active' | 'paused' | 'skipped' | 'next' | 'later' | 'left' | 'never'

/** What each stage of the plan is to the ramp now. */
export function stageLooks(ramp: Pick<RampDetail, 'plan' | 'run' | 'visits'>): StageLook[] {
  const { run, plan } = ramp
  const visited = new Set(ramp.visits.map(({ stage }) => stage))
  return plan.stages.map((_, index) => {
    if (run.status === 'ended') return endedLook(run.ending, visited.has(index))
    if (run.status === 'ready') return index === 0 ? 'next' : 'later'
    if (index < run.stage) return visited.has(index) ? 'done' : 'skipped'
    if (index === run.stage) return run.status === 'paused' ? 'paused' : 'active'
    return index === run.stage + 1 && run.status !== 'stepping-back' ? 'next' : 'later'
  })
}

function endedLook(ending: RampDetail['run']['ending'], wasThere: boolean): StageLook {
  if (ending === 'rolled-back') return wasThere ? 'left' : 'never'
  if (wasThere) return 'done'
  return ending === 'stopped' ? 'never' : 'skipped'
}

export const lookWords: Readonly<Record<StageLook, string>> = {
  done: 'done',
  active: 'now',
  paused: 'paused here',
  skipped: 'skipped',
  next: 'next',
  later: 'later',
  left: 'rolled back',
  never: 'not reached',
}

/** What it takes to leave a stage: `2 h, then by itself`. */
export function gateWords({ gate, holdMs }: Pick<StageView, 'gate' | 'holdMs'>, isLast: boolean): string {
  const hold = holdMs === 0 ? '' : durationWords(holdMs)
  if (isLast) return hold === '' ? 'then the plan ends' : `${hold}, then the plan ends`
  const then = { automatic: 'by itself', manual: 'when a person says so', approval: 'when approved' }[gate]
  return hold === '' ? then : `${hold}, then ${then}`
}

export const endingWords = {
  complete: 'Complete',
  'below-100': 'Ended below 100 %',
  'rolled-back': 'Rolled back',
  stopped: 'Stopped',
} as const

/** The ramp in one word or two. */
export function statusWords({ status, ending }: Pick<RampDetail['run'], 'status' | 'ending'>): string {
  switch (status) {
    case 'ready':
      return 'Not started'
    case 'running':
      return 'Running'
    case 'paused':
      return 'Paused'
    case 'stepping-back':
      return 'Stepping back'
    case 'ended':
      return endingWords[ending ?? 'stopped']
  }
}
