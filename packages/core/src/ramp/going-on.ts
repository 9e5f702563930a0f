import { durationWords } from '../words.ts'
import type { Outcome, PersonAct, Plan, RampInputs, RampState } from './model.ts'
import { byPerson } from './person-acts.ts'
import { no, raiseRefusal, stageRefusal, type Refused } from './refusals.ts'
import { activeStage, enterStage, remainingHoldMs, settle, stageWords, versioned } from './state.ts'
import { binding, openItems, whyItWaits } from './waiting.ts'

/**
 * A person takes the ramp to its next stage, naming the one it leaves. Through a manual gate that is all; before
 * the hold is over, or while verdicts are missing, it takes a reason (rule 15). Never past a failing guardrail, an
 * open checklist, a missing approval or a freeze.
 */
export function advance(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs): Outcome {
  return goTo(plan, state, act, inputs, state.stage + 1)
}

/** Over one or more stages, with a reason. A stage with an approval gate or required items is not skipped. */
export function skip(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs, to: number): Outcome {
  if (!Number.isInteger(to) || to <= state.stage + 1)
    return no('unknown_stage', 'Skipping leads past the next stage')
  const between = plan.stages.slice(state.stage + 1, to)
  if (between.some(({ gate }) => gate === 'approval'))
    return no('approval_missing', 'A stage that needs an approval is not skipped')
  if (between.some(({ checklist }) => checklist.some(({ required }) => required)))
    return no('checklist_open', 'A stage with required checklist items is not skipped')
  if (isEmpty(act.reason)) return no('reason_missing', 'Say why the stages between are not needed')
  return goTo(plan, state, act, inputs, to)
}

function goTo(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs, to: number): Outcome {
  const settled = settle(state, act.at)
  const refused =
    stageRefusal(plan, state, act) ?? mayLeave(plan, settled, act, inputs) ?? raiseRefusal(inputs)
  if (refused !== null) return refused
  const target = plan.stages[to]
  if (target === undefined) {
    const isLast = to === plan.stages.length
    return isLast
      ? no('last_stage', 'This is the last stage of the plan')
      : no('unknown_stage', `The plan has ${plan.stages.length} stages`)
  }
  const after = enterStage(settled, to, target.share, act.at)
  const kind = to > state.stage + 1 ? 'skipped' : 'advanced'
  const held = `after ${durationWords(settled.clock.heldMs)} of hold`
  const words = `From ${stageWords(plan, state.stage)} to ${stageWords(plan, to)}, ${held}`
  return {
    ok: true,
    state: versioned(state, after),
    acts: [{ ...byPerson(kind, settled, after, act, words), evidence: binding(inputs) }],
  }
}

function mayLeave(plan: Plan, state: RampState, act: PersonAct, inputs: RampInputs): Refused | null {
  if (state.status === 'paused') return no('not_running', 'The ramp is paused: resume it first')
  const stage = activeStage(plan, state)
  if (stage === undefined) return no('unknown_stage', 'The ramp is in no stage of its plan')
  if (inputs.shareInForce !== state.share)
    return no('share_moved', 'The share was moved by hand: resume from here')
  const failing = binding(inputs).find(({ verdict }) => verdict === 'fail')
  if (failing !== undefined) return no('guardrail_fails', `${failing.name} fails. ${failing.words}`)
  const open = openItems(stage, state)
  if (open.length > 0) return no('checklist_open', `To be ticked first: ${open.join('; ')}`)
  const approvalMissing = state.approval === null && (stage.gate === 'approval' || inputs.raiseNeedsApproval)
  if (approvalMissing)
    return no('approval_missing', `Leaving ${stageWords(plan, state.stage)} needs an approval`)
  const isEarly =
    remainingHoldMs(plan, state) > 0 ||
    inputs.requestsOnNew < stage.minimumRequests ||
    binding(inputs).some(({ verdict }) => verdict !== 'pass')
  if (!isEarly || !isEmpty(act.reason)) return null
  const words = `Say why it goes on already. ${whyItWaits(plan, state, inputs, act.at)}`
  return no('reason_missing', words)
}

function isEmpty(reason: string | null): boolean {
  return reason === null || reason.trim() === ''
}
