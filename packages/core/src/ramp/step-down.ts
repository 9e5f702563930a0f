import { shareWords } from '../words.ts'
import type { Plan, RampState } from './model.ts'
import { counting, rolledBackState } from './state.ts'

/** One step down the plan's own shares (rule 19); below the first stage the ramp is rolled back. */
export function stepDown(
  plan: Plan,
  state: RampState,
  now: number,
  tell: (after: RampState, words: string) => void,
): RampState {
  const stage = plan.stages.findLastIndex(({ share }) => share < state.share)
  const share = plan.stages[stage]?.share ?? 0
  const after: RampState =
    share === 0
      ? rolledBackState(state, now)
      : { ...counting(state, 'nothing'), stage, share, nextStepAt: now + plan.stepBackMs, calledAt: null }
  tell(after, `Stepped back from ${shareWords(state.share)} to ${shareWords(share)}`)
  return after
}
