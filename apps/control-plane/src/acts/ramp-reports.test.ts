import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { guardrailTrialInputSchema } from '@crossfade/contracts/api/guardrails'
import { forecastInputSchema } from '@crossfade/contracts/api/ramps'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { rampScene, type RampScene } from '../ramps/ramp-scene-for-test.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'

const clock = manualClock(Date.UTC(2030, 0, 7))
const plan = { stages: [10, 100].map((percent) => ({ percent, holdMs: 20_000, minimumRequests: 10 })) }
const errors = {
  id: 'errors',
  name: 'Errors',
  metric: { kind: 'error-rate' },
  limit: { kind: 'absolute', max: 0.05 },
} as const
let store: Store
let scene: RampScene
beforeAll(async () => {
  store = await openStoreForTest({ clock })
  scene = await rampScene(store, clock)
})
afterAll(() => store.close())

describe('acceptance criteria', () => {
  it('are met or not at each stage and over the whole ramp', async () => {
    const acceptance = [
      { id: 'errors', metric: { kind: 'error-rate' } as const, atMost: 0.02, minimumSample: 100 },
      { id: 'p95', metric: { kind: 'latency', quantile: 0.95 } as const, atMost: 50, minimumSample: 100 },
    ]
    const { mappingId, rampId } = await scene.begin({ plan, guardrails: [], acceptance })
    await scene.live(mappingId, 25, { requests: 20 }, { requests: 20 })
    await scene.live(mappingId, 10, { requests: 0 }, { requests: 20, errors: 2, ms: 80 })
    const { visits, acceptanceResults, run } = await scene.ramp(rampId)
    expect(run).toMatchObject({ stage: 1, percent: 100 })
    expect(visits).toMatchObject([
      { stage: 0, percent: 10, leftAt: visits[1]?.enteredAt, acceptance: [{ met: true }, { met: true }] },
      { stage: 1, percent: 100, leftAt: null, acceptance: [{ met: false }, { met: false }] },
    ])
    expect(visits[1]?.acceptance[0]?.words).toBe('Errors at most 2 %: not met, 10 % over 200 requests')
    expect(acceptanceResults).toMatchObject([{ criterionId: 'errors', met: false }, { criterionId: 'p95' }])
  })

  it('say that they know too little where there were few requests', async () => {
    const acceptance = [{ id: 'errors', metric: { kind: 'error-rate' } as const, atMost: 0.02 }]
    const { mappingId, rampId } = await scene.begin({ plan, guardrails: [], acceptance })
    await scene.live(mappingId, 5, { requests: 1 }, { requests: 1 })
    expect((await scene.ramp(rampId)).acceptanceResults).toMatchObject([
      { met: null, words: 'Errors at most 2 %: 5 of 100 requests so far' },
    ])
  })
})

describe('before a ramp starts', () => {
  it('says how long each stage takes to have enough data', async () => {
    const mapping = await scene.acts.aMapping()
    clock.advance(600_000)
    await scene.report(mapping.id, 600, { requests: 2 }, { requests: 0 })
    const target = { kind: 'mapping', id: mapping.id } as const
    const input = { target, plan: { stages: [1, 100].map((percent) => ({ percent, holdMs: 60_000 })) } }
    const forecast = await scene.acts.ramps.forecast(forecastInputSchema.parse(input))
    expect(forecast.requestsPerSecond).toBeCloseTo(2, 0)
    expect(forecast.words).toMatch(
      /^At about 1\.\d+ requests a second and 1 %, enough data in about 4\d min; at 100 %/,
    )
    expect(forecast.stages[0]).toMatchObject({ percent: 1, atLeastMs: forecast.stages[0]?.enoughDataMs })
    const elsewhere = { ...input, target: { kind: 'mapping', id: 'none' } }
    const refused = scene.acts.ramps.forecast(forecastInputSchema.parse(elsewhere))
    await expect(refused).rejects.toMatchObject({ code: 'invalid_reference' })
  })

  it('says how often a guardrail would have fired on what is stored', async () => {
    const { mappingId } = await scene.begin({ plan, guardrails: [] })
    await scene.live(mappingId, 120, { requests: 20 }, { requests: 20 })
    const trial = (guardrail: object) =>
      scene.acts.ramps.trial(guardrailTrialInputSchema.parse({ mappingId, guardrail }))
    expect((await trial(errors)).words).toMatch(/^Would not have fired in the last/)
    await scene.live(mappingId, 60, { requests: 20 }, { requests: 20, errors: 10 })
    const { fired, words } = await trial(errors)
    expect(words).toMatch(/^Would have fired (once|\d+ times) in the last/)
    expect(fired[0]?.words).toContain("of new's")
    const bad = trial({ ...errors, limit: { kind: 'absolute', max: 7 } })
    await expect(bad).rejects.toMatchObject({
      code: 'invalid_guardrail',
      errors: [{ path: 'guardrail.limit.max' }],
    })
  })
})
