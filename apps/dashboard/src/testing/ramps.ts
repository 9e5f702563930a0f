import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { planViewOf } from '@crossfade/contracts/ramp'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { planFrom } from '@crossfade/core/ramp/templates'

/** A ramp of the mapping `books` in the second stage of five, for tests. */
export function rampDetail(
  run: Partial<RampDetail['run']> = {},
  more: Partial<Omit<RampDetail, 'run'>> = {},
): RampDetail {
  const stages = planViewOf(planFrom('careful'))
  return {
    id: 'r1',
    environmentId: 'default',
    version: 4,
    createdAt: '2026-01-01T00:00:00.000Z',
    updatedAt: '2026-01-01T00:00:00.000Z',
    target: { kind: 'mapping', id: 'books', name: 'books' },
    mappings: [{ id: 'books', name: 'books' }],
    plan: stages,
    guardrails: defaultGuardrails(),
    acceptance: [],
    run: {
      version: 9,
      status: 'running',
      ending: null,
      pausedBy: null,
      stage: 1,
      percent: 5,
      enteredAt: '2023-11-14T22:00:00.000Z',
      heldMs: 600_000,
      remainingHoldMs: 6_600_000,
      extraHoldMs: 0,
      waitedMs: 0,
      waitsFor: 'hold',
      waitsSince: null,
      words: 'In stage 2 of 5 (5 %): healthy for 10 min, 1 h 50 min to go.',
      requestsOnNew: 1200,
      ticked: [],
      approval: null,
      calledAt: null,
      serviceVersion: null,
      nextStepAt: null,
      sampling: null,
      pointOfNoReturn: false,
      ...run,
    },
    judgedAt: '2023-11-14T22:13:18.000Z',
    judgements: [],
    legacyIsWorse: null,
    visits: [
      {
        stage: 0,
        percent: 1,
        enteredAt: '2023-11-14T21:00:00.000Z',
        leftAt: '2023-11-14T22:00:00.000Z',
        acceptance: [],
      },
      { stage: 1, percent: 5, enteredAt: '2023-11-14T22:00:00.000Z', leftAt: null, acceptance: [] },
    ],
    acceptanceResults: [],
    ...more,
  }
}

type JudgementView = RampDetail['judgements'][number]

/** A judgement on errors of `books` that passes. */
export function judgement(more: Partial<JudgementView> = {}): JudgementView {
  return {
    key: 'errors/books',
    guardrailId: 'errors',
    mappingId: 'books',
    name: 'Errors',
    action: 'roll-back',
    dryRun: false,
    verdict: 'pass',
    unit: 'fraction',
    measured: 0.004,
    legacy: 0.005,
    limit: 0.006,
    interval: { low: 0.002, high: 0.0058 },
    sample: { legacy: 9000, new: 1200 },
    minimumSample: 50,
    breaches: null,
    words: 'Errors 0.4 % on new, at most 0.6 % allowed',
    ...more,
  }
}
