import type { Guardrail, Judgement } from '@crossfade/core/guardrail/model'
import type { Plan, RampAct, RampInputs, RampState } from '@crossfade/core/ramp/model'
import { binding } from '@crossfade/core/ramp/waiting'

/** What must hold of every tick that was stored. Throws an `Error` that says what did not. */
export interface StoredTick {
  readonly plan: Plan
  readonly before: RampState
  readonly after: RampState
  readonly inputs: RampInputs
  readonly acts: readonly RampAct[]
  /** Time in this stage after which everything was healthy, by the simulation's own account. */
  readonly healthyMs: number
}

export function checkTick(tick: StoredTick): void {
  const { before, after, inputs, acts } = tick
  if (after.version < before.version) throw new Error('the version went down')
  for (const act of acts) {
    if (act.to.share > act.from.share && act.kind !== 'advanced' && act.kind !== 'hand-moved')
      throw new Error(`raised by ${act.kind}`)
    if (act.kind === 'advanced') checkAdvance(tick, act)
    if (act.kind === 'rolled-back' && act.cause !== null && inputs.legacyIsWorse !== null)
      throw new Error('rolled back on to a legacy side in worse health')
  }
  const breach = binding(inputs).find((one) => one.verdict === 'fail' && one.action === 'roll-back')
  if (breach !== undefined && inputs.legacyIsWorse === null && after.share > 0)
    throw new Error(`a breach was not answered: ${breach.words}`)
}

function checkAdvance({ plan, before, inputs, healthyMs }: StoredTick, act: RampAct): void {
  const [left, entered] = [plan.stages[act.from.stage], plan.stages[act.to.stage]]
  if (left === undefined || entered === undefined) throw new Error('a stage that the plan does not have')
  if (act.to.stage !== act.from.stage + 1) throw new Error('a stage was skipped or repeated')
  if (act.to.share !== entered.share) throw new Error('above or below the plan')
  if (inputs.freeze !== null) throw new Error('raised during a freeze')
  if (inputs.requestsOnNew < left.minimumRequests) throw new Error('advanced without enough requests')
  if (healthyMs < left.holdMs + before.extraHoldMs) throw new Error('advanced without enough healthy time')
  const unsure = binding(inputs).find(({ verdict }) => verdict !== 'pass')
  if (unsure !== undefined) throw new Error(`advanced past ${unsure.verdict} of ${unsure.name}`)
  if (left.gate === 'manual') throw new Error('a manual gate opened by itself')
  if (left.gate === 'approval' && before.approval === null) throw new Error('advanced without approval')
}

/** The audit tells one story: each act begins where the one before ended. */
export function checkAudit(audit: readonly RampAct[]): void {
  for (const [index, act] of audit.entries()) {
    const previous = audit[index - 1]
    if (previous !== undefined && previous.to.share !== act.from.share)
      throw new Error(
        `after ${previous.kind} the share was ${previous.to.share}, before ${act.kind} ${act.from.share}`,
      )
    if (previous !== undefined && previous.at > act.at) throw new Error('the audit goes back in time')
  }
}

/** Judgements never pass on fewer requests than their guardrail asks for. */
export function checkSamples(judgements: readonly Judgement[], guardrails: readonly Guardrail[]): void {
  for (const { verdict, sample, guardrailId, name } of judgements) {
    const guardrail = guardrails.find(({ id }) => id === guardrailId)
    if (guardrail === undefined || guardrail.limit.kind === 'absolute') continue
    if (verdict !== 'pass' && verdict !== 'fail') continue
    if (sample.new < guardrail.minimumSample || sample.legacy < guardrail.minimumSample)
      throw new Error(`${name} judged on ${sample.new} and ${sample.legacy} requests`)
  }
}
