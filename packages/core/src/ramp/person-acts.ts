import { WHOLE, type Share } from '../model.ts'
import { durationWords, shareWords } from '../words.ts'
import { binding } from './waiting.ts'
import type { Outcome, PersonAct, Plan, RampAct, RampInputs, RampState } from './model.ts'
import {
  activeStage,
  actOf,
  counting,
  enterStage,
  pausedState,
  rolledBackState,
  settle,
  stageWords,
  versioned,
} from './state.ts'
import { no, raiseRefusal, stageRefusal } from './refusals.ts'
import { stepDown } from './step-down.ts'

/**
 * What people do to a ramp by hand, as pure transitions. Each is refused with a reason when it makes no sense;
 * none ever lets two people do the same thing twice, since each names the stage it was meant for. Roll back is
 * refused only past the point of no return. Going on is in `going-on.ts`.
 */

/** Begins the plan at its first stage. Also again, after a roll back. */
export function start(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs): Outcome {
  const first = plan.stages[0]
  if (first === undefined) return no('unknown_stage', 'The plan has no stages')
  const again = state.status === 'ended' && state.ending === 'rolled-back'
  if (state.status !== 'ready' && !again) return no('not_ready', 'The ramp has been started already')
  if (inputs.shareInForce > first.share) {
    const words = `The share is ${shareWords(inputs.shareInForce)}, beyond the first stage: resume from here instead`
    return no('share_moved', words)
  }
  const refused = raiseRefusal(inputs)
  if (refused !== null) return refused
  const here = { ...state, share: inputs.shareInForce, verdicts: {}, serviceVersion: inputs.serviceVersion }
  const after = enterStage(here, 0, first.share, act.at)
  return moved(state, after, byPerson('started', here, after, act, `Started with ${stageWords(plan, 0)}`))
}

export function pause(_plan: Plan, state: RampState, act: PersonAct): Outcome {
  if (state.status !== 'running' && state.status !== 'stepping-back')
    return no('not_running', 'The ramp is not running')
  const settled = settle(state, act.at)
  const after = pausedState(settled, 'person')
  return moved(state, after, byPerson('paused', settled, after, act, 'Paused'))
}

/** Goes on with the stage where it stood, with the hold that was left. */
export function resume(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs): Outcome {
  if (state.status !== 'paused') return no('not_paused', 'The ramp is not paused')
  const stage = activeStage(plan, state)
  const isWhereItStood = state.pausedBy !== 'hand-move' && inputs.shareInForce === state.share
  if (stage === undefined || (!isWhereItStood && inputs.shareInForce !== stage.share)) {
    const words = `The share is ${shareWords(inputs.shareInForce)}, not that of ${stageWords(plan, state.stage)}: resume from here instead`
    return no('share_moved', words)
  }
  const failing = binding(inputs).find(({ verdict }) => verdict === 'fail')
  if (failing !== undefined) return no('guardrail_fails', `${failing.name} still fails. ${failing.words}`)
  const settled = settle(state, act.at)
  const after: RampState = { ...settled, status: 'running', pausedBy: null }
  return moved(
    state,
    after,
    byPerson('resumed', settled, after, act, `Resumed in ${stageWords(plan, state.stage)}`),
  )
}

/**
 * Goes on with the plan from the share in force, after somebody moved it by hand (rule 14): the stage is the last
 * one that does not go beyond it, or the first, and its hold begins anew.
 */
export function resumeFromHere(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs): Outcome {
  if (state.status !== 'paused' && state.status !== 'ready')
    return no('not_paused', 'Only a ramp that is paused, or not started, goes on from here')
  const last = plan.stages.at(-1)
  if (last === undefined) return no('unknown_stage', 'The plan has no stages')
  const share = inputs.shareInForce
  if (share > last.share) {
    const words = `${shareWords(share)} is beyond the end of the plan, ${shareWords(last.share)}: lower it or change the plan`
    return no('share_beyond_plan', words)
  }
  const stage = plan.stages.findLastIndex((candidate) => candidate.share <= share)
  const here = { ...state, share }
  if (stage >= 0) {
    const after = enterStage(here, stage, share, act.at)
    const words = `Goes on from ${shareWords(share)}, in ${stageWords(plan, stage)}`
    return moved(state, after, byPerson('resumed', here, after, act, words))
  }
  const refused = raiseRefusal(inputs)
  if (refused !== null) return refused
  const after = enterStage(here, 0, plan.stages[0]?.share ?? share, act.at)
  return moved(state, after, byPerson('resumed', here, after, act, `Goes on with ${stageWords(plan, 0)}`))
}

/** Adds to the hold of this stage. */
export function holdLonger(plan: Plan, state: RampState, act: PersonAct, ms: number): Outcome {
  const refused = stageRefusal(plan, state, act)
  if (refused !== null) return refused
  if (!Number.isInteger(ms) || ms < 1_000) return no('bad_duration', 'Give at least a second')
  // The clock is left to the next tick: only judged time is held.
  const after = { ...state, extraHoldMs: state.extraHoldMs + ms }
  return moved(
    state,
    after,
    byPerson(
      'held-longer',
      state,
      after,
      act,
      `Holds ${stageWords(plan, state.stage)} ${durationWords(ms)} longer`,
    ),
  )
}

/** Ticks an item of the active stage's checklist, or takes the tick back. */
export function tickItem(
  plan: Plan,
  state: RampState,
  act: PersonAct,
  itemId: string,
  done: boolean,
): Outcome {
  const refused = stageRefusal(plan, state, act)
  if (refused !== null) return refused
  const item = activeStage(plan, state)?.checklist.find(({ id }) => id === itemId)
  if (item === undefined) return no('unknown_item', `This stage has no checklist item ${itemId}`)
  const others = state.ticked.filter((tick) => tick.itemId !== itemId)
  if (done !== (others.length === state.ticked.length)) return { ok: true, state, acts: [] }
  const after = { ...state, ticked: done ? [...others, { itemId, by: act.by, at: act.at }] : others }
  const kind = done ? 'item-ticked' : 'item-unticked'
  return moved(
    state,
    after,
    byPerson(kind, state, after, act, `${done ? 'Ticked' : 'Unticked'}: ${item.text}`),
  )
}

/** The approval to leave the stage, once whoever governs it has gathered its quorum. */
export function approve(plan: Plan, state: RampState, act: PersonAct): Outcome {
  const refused = stageRefusal(plan, state, act)
  if (refused !== null) return refused
  if (state.approval !== null) return { ok: true, state, acts: [] }
  const after = { ...state, approval: { by: act.by, at: act.at } }
  return moved(
    state,
    after,
    byPerson('approved', state, after, act, `Approved: may leave ${stageWords(plan, state.stage)}`),
  )
}

/** Share to 0, now (rule 19). Idempotent; names no stage and needs no fresh numbers. */
export function rollBack(
  state: RampState,
  act: Omit<PersonAct, 'leaving'>,
  pointOfNoReturn: boolean,
): Outcome {
  if (pointOfNoReturn)
    return no('point_of_no_return', 'The data has moved: past the point of no return there is no way back')
  if (state.share === 0 && state.status === 'ended') return { ok: true, state, acts: [] }
  const after = rolledBackState(state, act.at)
  return moved(
    state,
    after,
    byPerson('rolled-back', state, after, act, `Rolled back from ${shareWords(state.share)}`),
  )
}

/** Walks the plan down, one stage at a time, the first step now: for a legacy side that has gone cold (rule 19). */
export function steppedRollBack(
  plan: Plan,
  state: RampState,
  act: Omit<PersonAct, 'leaving'>,
  pointOfNoReturn: boolean,
): Outcome {
  if (pointOfNoReturn)
    return no('point_of_no_return', 'The data has moved: past the point of no return there is no way back')
  if (state.status === 'stepping-back') return { ok: true, state, acts: [] }
  if (state.share === 0) return no('not_running', 'Everybody is on legacy already')
  const begun: RampState = {
    ...counting(settle(state, act.at), 'nothing'),
    status: 'stepping-back',
    ending: null,
    pausedBy: null,
    waitsFor: null,
    waitsSince: null,
  }
  const every = durationWords(plan.stepBackMs)
  const acts = [byPerson('stepping-back', state, begun, act, `Steps back every ${every}`)]
  const after = stepDown(plan, begun, act.at, (stepped, words) =>
    acts.push(byPerson('stepped-back', begun, stepped, act, words)),
  )
  return { ok: true, state: versioned(state, after), acts }
}

/** Somebody moved the slider: the ramp pauses and says so (rule 14). Not for roll backs. */
export function handMove(plan: Plan, state: RampState, act: Omit<PersonAct, 'leaving'>, to: Share): Outcome {
  if (!Number.isInteger(to) || to < 0 || to > WHOLE)
    return no('share_beyond_plan', 'A share is 0 to 100 %, with at most two decimals')
  if (to === state.share) return { ok: true, state, acts: [] }
  const settled = settle(state, act.at)
  const here = { ...settled, share: to }
  const isUnderWay = state.status === 'running' || state.status === 'stepping-back'
  const isPaused = isUnderWay || state.status === 'paused'
  const changed = isPaused ? pausedState(here, 'hand-move') : here
  // Another share is another population: what was seen before says nothing about it.
  const after = { ...changed, sampleSince: act.at }
  const words = `Moved by hand from ${shareWords(state.share)} to ${shareWords(to)}`
  const paused = isUnderWay ? `: paused in ${stageWords(plan, state.stage)}` : ''
  return moved(state, after, byPerson('hand-moved', settled, after, act, words + paused))
}

/** Gives the rest of the plan up; the share stays where it is, and guardrails stay on guard. */
export function stop(plan: Plan, state: RampState, act: PersonAct): Outcome {
  if (state.status === 'ready') return no('not_running', 'The ramp has not been started')
  if (state.status === 'ended') return no('ended', 'The ramp has ended already')
  const settled = settle(state, act.at)
  const after: RampState = {
    ...counting(settled, 'nothing'),
    status: 'ended',
    ending: 'stopped',
    pausedBy: null,
    waitsFor: null,
    waitsSince: null,
    nextStepAt: null,
  }
  const words = `Stopped in ${stageWords(plan, state.stage)} at ${shareWords(state.share)}`
  return moved(state, after, byPerson('stopped', settled, after, act, words))
}

function moved(before: RampState, after: RampState, act: RampAct): Outcome {
  return { ok: true, state: versioned(before, after), acts: [act] }
}

export function byPerson(
  kind: RampAct['kind'],
  before: RampState,
  after: RampState,
  { by, reason, at }: Omit<PersonAct, 'leaving'>,
  words: string,
): RampAct {
  return actOf(kind, before, after, at, words, { by, reason, notify: true })
}
