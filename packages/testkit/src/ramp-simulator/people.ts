import { advance, skip } from '@crossfade/core/ramp/going-on'
import type { Outcome, PersonAct, Plan, RampInputs, RampState } from '@crossfade/core/ramp/model'
import {
  approve,
  handMove,
  holdLonger,
  pause,
  resume,
  resumeFromHere,
  rollBack,
  steppedRollBack,
  tickItem,
} from '@crossfade/core/ramp/person-acts'
import type { Chance } from './chance.ts'

/** Something a person might try now; often refused. */
export function randomAct(
  plan: Plan,
  state: RampState,
  inputs: RampInputs,
  now: number,
  chance: Chance,
): Outcome {
  const act: PersonAct = {
    by: 'ada',
    at: now,
    reason: chance.is(0.5) ? 'because' : null,
    leaving: chance.is(0.9) ? state.stage : chance.whole(0, plan.stages.length),
  }
  const below = chance.whole(0, state.share)
  const acts: [() => Outcome, ...(() => Outcome)[]] = [
    () => pause(plan, state, act),
    () => resume(plan, state, act, inputs),
    () => resumeFromHere(plan, state, act, inputs),
    () => advance(plan, state, act, inputs),
    () => skip(plan, state, act, inputs, state.stage + 2),
    () => holdLonger(plan, state, act, chance.whole(1, 60) * 60_000),
    () => handMove(plan, state, act, below),
    () => (chance.is(0.1) ? rollBack(state, act, false) : pause(plan, state, act)),
    () => (chance.is(0.1) ? steppedRollBack(plan, state, act, false) : resume(plan, state, act, inputs)),
  ]
  return chance.one(acts)()
}

/** What somebody who is waited for does: ticks, approves, goes on. */
export function helpfulAct(plan: Plan, state: RampState, inputs: RampInputs, now: number): Outcome | null {
  const act = { by: 'sam', at: now, reason: null, leaving: state.stage }
  switch (state.waitsFor) {
    case 'checklist':
      return tickItem(plan, state, act, 'look', true)
    case 'approval':
      return approve(plan, state, act)
    case 'person':
      return advance(plan, state, act, inputs)
    default:
      return null
  }
}
