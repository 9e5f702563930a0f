import type { RampActName, RampDetail } from '@crossfade/contracts/api/ramps'
import { shareOfPercent } from '@crossfade/contracts/percent'
import { planOf } from '@crossfade/contracts/ramp'
import { advance, skip } from '@crossfade/core/ramp/going-on'
import type { Outcome, PersonAct, RampInputs, RampState } from '@crossfade/core/ramp/model'
import {
  approve,
  holdLonger,
  pause,
  resume,
  resumeFromHere,
  start,
  steppedRollBack,
  stop,
} from '@crossfade/core/ramp/person-acts'

/** Whether an act makes sense now, asked of the same functions that will decide it on the server. */
export interface ActCheck {
  /** Why not, in words; empty when it would be done. */
  readonly why: string
  /** It would be done, with a reason: what there is to explain; empty when none is needed. */
  readonly needsReason: string
}

export type CheckedAct = Exclude<RampActName, 'checklist' | 'note' | 'skip'>

const may: ActCheck = { why: '', needsReason: '' }

export function checkAct(ramp: RampDetail, name: CheckedAct, now: number): ActCheck {
  const parts = partsOf(ramp, now)
  const outcome = transitions[name](ramp, parts)
  if (outcome.ok) return may
  if (outcome.code !== 'reason_missing') return { why: outcome.words, needsReason: '' }
  const explained = transitions[name](ramp, { ...parts, act: { ...parts.act, reason: 'why' } })
  return explained.ok ? { why: '', needsReason: outcome.words } : { why: explained.words, needsReason: '' }
}

/** Stages a ramp may skip to, as indices. */
export function skipTargets(ramp: RampDetail, now: number): number[] {
  const { plan, state, act, inputs } = partsOf(ramp, now)
  const explained = { ...act, reason: 'why' }
  return plan.stages.map((_, stage) => stage).filter((to) => skip(plan, state, explained, inputs, to).ok)
}

interface Parts {
  readonly plan: ReturnType<typeof planOf>
  readonly state: RampState
  readonly act: PersonAct
  readonly inputs: RampInputs
}

const transitions: Readonly<Record<CheckedAct, (ramp: RampDetail, parts: Parts) => Outcome>> = {
  start: (_, { plan, state, act, inputs }) => start(plan, state, act, inputs),
  pause: (_, { plan, state, act }) => pause(plan, state, act),
  resume: (_, { plan, state, act, inputs }) => resume(plan, state, act, inputs),
  'resume-from-here': (_, { plan, state, act, inputs }) => resumeFromHere(plan, state, act, inputs),
  advance: (_, { plan, state, act, inputs }) => advance(plan, state, act, inputs),
  'hold-longer': (_, { plan, state, act }) => holdLonger(plan, state, act, 60_000),
  approve: (_, { plan, state, act }) => approve(plan, state, act),
  stop: (_, { plan, state, act }) => stop(plan, state, act),
  'step-back': ({ run }, { plan, state, act }) =>
    run.status === 'stepping-back'
      ? { ok: false, code: 'not_ready', words: 'It steps back already' }
      : steppedRollBack(plan, state, act, run.pointOfNoReturn),
}

/** Back from what the API says to what core reckons with. What blocks raises is asked apart. */
function partsOf(ramp: RampDetail, now: number): Parts {
  const { run } = ramp
  const share = shareOfPercent(run.percent)
  return {
    plan: planOf(ramp.plan),
    act: { by: '', at: now, reason: null, leaving: run.stage },
    state: {
      version: run.version,
      status: run.status,
      ending: run.ending,
      pausedBy: run.pausedBy,
      stage: run.stage,
      share,
      enteredAt: msOf(run.enteredAt),
      sampleSince: now,
      clock: { heldMs: run.heldMs, waitedMs: run.waitedMs, counts: 'nothing', at: now },
      extraHoldMs: run.extraHoldMs,
      ticked: run.ticked.map((tick) => ({ ...tick, at: Date.parse(tick.at) })),
      approval: run.approval && { by: run.approval.by, at: Date.parse(run.approval.at) },
      waitsFor: run.waitsFor,
      waitsSince: msOf(run.waitsSince),
      calledAt: msOf(run.calledAt),
      withheld: [],
      serviceVersion: run.serviceVersion,
      verdicts: {},
      nextStepAt: msOf(run.nextStepAt),
    },
    inputs: {
      judgements: ramp.judgements,
      judgedAt: msOf(ramp.judgedAt) ?? 0,
      requestsOnNew: run.requestsOnNew,
      legacyIsWorse: ramp.legacyIsWorse,
      shareInForce: share,
      freeze: null,
      stopTheLine: null,
      pointOfNoReturn: run.pointOfNoReturn,
      raiseNeedsApproval: false,
      serviceVersion: null,
    },
  }
}

function msOf(at: string | null): number | null {
  return at === null ? null : Date.parse(at)
}
