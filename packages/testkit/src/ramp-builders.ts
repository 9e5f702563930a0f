import type { Judgement } from '@crossfade/core/guardrail/model'
import type { PersonAct, Plan, RampInputs, Stage } from '@crossfade/core/ramp/model'

/** An automatic stage of ten minutes, unless said otherwise. */
export function aStage(percent: number, parts: Partial<Stage> = {}): Stage {
  return {
    share: Math.round(percent * 100),
    gate: 'automatic',
    holdMs: 600_000,
    minimumRequests: 0,
    checklist: [],
    maxWaitMs: null,
    sampling: null,
    ...parts,
  }
}

/** 10, 50 and 100 %. */
export function aPlan(parts: Partial<Plan> = {}): Plan {
  return {
    template: 'custom',
    stages: [aStage(10), aStage(50), aStage(100)],
    stepBackMs: 60_000,
    onNewVersion: 'restart',
    ...parts,
  }
}

/** Passing, rolls back if it ever fails. */
export function aJudgement(parts: Partial<Judgement> = {}): Judgement {
  return {
    key: 'errors/m1',
    guardrailId: 'errors',
    mappingId: 'm1',
    name: 'Errors',
    action: 'roll-back',
    dryRun: false,
    verdict: 'pass',
    unit: 'fraction',
    measured: 0.01,
    legacy: 0.01,
    limit: 0.02,
    interval: { low: 0.005, high: 0.015 },
    sample: { legacy: 1_000, new: 1_000 },
    minimumSample: 100,
    breaches: null,
    words: '1 % of new and 1 % of legacy; new may have 2 %',
    ...parts,
  }
}

/** All is well at this share and moment. */
export function rampInputs(share: number, now: number, parts: Partial<RampInputs> = {}): RampInputs {
  return {
    judgements: [aJudgement()],
    judgedAt: now,
    requestsOnNew: 1_000,
    legacyIsWorse: null,
    shareInForce: share,
    freeze: null,
    stopTheLine: null,
    pointOfNoReturn: false,
    raiseNeedsApproval: false,
    serviceVersion: null,
    ...parts,
  }
}

/** Ada, leaving the first stage for no particular reason. */
export function aPersonAct(parts: Partial<PersonAct> = {}): PersonAct {
  return { by: 'ada', at: 0, reason: null, leaving: 0, ...parts }
}
