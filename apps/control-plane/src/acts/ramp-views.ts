import type { RampView } from '@crossfade/contracts/api/ramps'
import { percentOfShare } from '@crossfade/contracts/percent'
import { planViewOf } from '@crossfade/contracts/ramp'
import { remainingHoldMs, samplingOf, settle } from '@crossfade/core/ramp/state'
import { whyItWaits } from '@crossfade/core/ramp/waiting'
import type { StoredRamp } from '../store/ramps.ts'
import { ownCopy } from './own-copy.ts'
import type { RaiseBlocks } from './raises.ts'
import { inputsOf } from './ramp-inputs.ts'
import type { Holder } from './share-holder.ts'

/** How a ramp looks in the API at a moment: the clock goes on between two writes. */
export function rampView(ramp: StoredRamp, holder: Holder, blocks: RaiseBlocks, now: number): RampView {
  const { plan, judged } = ramp
  return {
    id: ramp.id,
    environmentId: ramp.environmentId,
    version: ramp.version,
    createdAt: ramp.createdAt.toISOString(),
    updatedAt: ramp.updatedAt.toISOString(),
    target: { ...ramp.target, name: holder.name },
    mappings: holder.members.map(({ id, name }) => ({ id, name })),
    plan: planViewOf(plan),
    guardrails: ownCopy([...ramp.guardrails]),
    acceptance: ownCopy([...ramp.acceptance]),
    run: runView(ramp, holder, blocks, now),
    judgedAt: timeOf(judged?.at ?? null),
    judgements: ownCopy([...(judged?.judgements ?? [])]),
    legacyIsWorse: judged?.legacyIsWorse ?? null,
  }
}

/** What the audit trail keeps of a definition. */
export function rampDefinitionView(ramp: StoredRamp) {
  const { version, target, plan, guardrails, acceptance } = ramp
  return { version, target, plan: planViewOf(plan), guardrails, acceptance }
}

function runView(ramp: StoredRamp, holder: Holder, blocks: RaiseBlocks, now: number): RampView['run'] {
  const { plan } = ramp
  const state = settle(ramp.state, now)
  return {
    version: state.version,
    status: state.status,
    ending: state.ending,
    pausedBy: state.pausedBy,
    stage: state.stage,
    percent: percentOfShare(holder.share),
    enteredAt: timeOf(state.enteredAt),
    heldMs: state.clock.heldMs,
    remainingHoldMs: remainingHoldMs(plan, state),
    extraHoldMs: state.extraHoldMs,
    waitedMs: state.clock.waitedMs,
    waitsFor: state.waitsFor,
    waitsSince: timeOf(state.waitsSince),
    words: whyItWaits(plan, state, inputsOf(ramp, holder, blocks), now),
    requestsOnNew: ramp.judged?.requestsOnNew ?? 0,
    ticked: state.ticked.map(({ itemId, by, at }) => ({ itemId, by, at: isoOf(at) })),
    approval: state.approval && { by: state.approval.by, at: isoOf(state.approval.at) },
    calledAt: timeOf(state.calledAt),
    serviceVersion: state.serviceVersion,
    nextStepAt: timeOf(state.nextStepAt),
    sampling: ownCopy(samplingOf(plan, state)),
    pointOfNoReturn: holder.isGone,
  }
}

const isoOf = (ms: number) => new Date(ms).toISOString()
const timeOf = (ms: number | null) => (ms === null ? null : isoOf(ms))
