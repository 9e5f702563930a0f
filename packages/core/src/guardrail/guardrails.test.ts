import { aGuardrail, aWindow } from '@crossfade/testkit/evidence-builders'
import { describe, expect, it } from 'vitest'
import { accept } from './acceptance.ts'
import { defaultGuardrails } from './defaults.ts'
import { enoughDataMs, enoughDataWords, rateWords } from './enough-data.ts'
import { errorBudget, RAMP_ERROR_BUDGET } from './error-budget.ts'
import { problemsOfGuardrail } from './guardrail-problems.ts'
import { outcomeOfStatus } from './success-statuses.ts'
import { wouldHaveFired } from './would-have-fired.ts'

describe('default guardrails', () => {
  it('can be used as they are, and are copies', () => {
    expect(defaultGuardrails().flatMap(problemsOfGuardrail)).toEqual([])
    expect(defaultGuardrails()[0]).not.toBe(defaultGuardrails()[0])
  })

  it('look at 4xx too, so that a service that answers 404 to everything is stopped', () => {
    expect(defaultGuardrails().map(({ metric }) => metric.kind)).toContain('client-error-rate')
  })

  it('share one error budget per ramp; alerts and dry runs spend nothing', () => {
    const guardrails = defaultGuardrails()
    expect(errorBudget(guardrails, 1)).toBeCloseTo(RAMP_ERROR_BUDGET / 3)
    expect(errorBudget(guardrails, 2)).toBeCloseTo(RAMP_ERROR_BUDGET / 6)
    expect(errorBudget([aGuardrail({ dryRun: true })], 1)).toBe(RAMP_ERROR_BUDGET)
  })
})

describe('a guardrail that cannot be judged', () => {
  const absolute = { kind: 'absolute', max: 0.1, tolerates: 0, outOf: 1 } as const
  const against = { kind: 'against-legacy', factor: 1, plus: 0, tolerates: 0, outOf: 1 } as const
  it.each([
    ['limits a rate at 100 %', { limit: { ...absolute, max: 1 } }, 'limit.max'],
    ['limits latency at 0 ms', { metric: { kind: 'latency', quantile: 0.5 }, limit: absolute }, 'limit.max'],
    ['limits at less than nothing', { limit: { ...absolute, max: -1 } }, 'limit.max'],
    ['compares what legacy does not have', { metric: { kind: 'ledger-lag' }, limit: against }, 'limit.kind'],
    ['asks new to be better than legacy', { limit: { ...against, factor: 0.5 } }, 'limit.factor'],
    ['allows less than nothing more', { limit: { ...against, plus: -0.1 } }, 'limit.plus'],
    ['allows everything', { limit: { ...against, plus: 1 } }, 'limit.plus'],
    ['tolerates every window', { limit: { ...absolute, tolerates: 1 } }, 'limit.tolerates'],
    ['has no windows', { limit: { ...absolute, outOf: 0.5, tolerates: 0 } }, 'limit.outOf'],
    ['has a window of a second', { windowMs: 1_000 }, 'windowMs'],
    ['needs no sample', { minimumSample: 0 }, 'minimumSample'],
    ['has no name', { name: ' ' }, 'name'],
  ] as const)('%s', (_what, parts, path) => {
    expect(problemsOfGuardrail(aGuardrail(parts)).map((problem) => problem.path)).toContain(path)
  })
})

it.each([
  [200, 'success'],
  [304, 'success'],
  [404, 'client-error'],
  [410, 'success'],
  [500, 'error'],
  [503, 'success'],
])('status %d of a mapping that declares 410 and 503 is a %s', (status, outcome) => {
  expect(outcomeOfStatus(status, [410, 503])).toBe(outcome)
})

describe('acceptance criteria', () => {
  const windows = Array.from({ length: 10 }, (_, i) =>
    aWindow(
      i * 1_000,
      {},
      { errors: 1, latencies: Array.from({ length: 50 }, (__, n) => 10 + n) },
      { shadow: { compared: 100, differing: 0 } },
    ),
  )
  it.each([
    ['error-rate', 0.02, true, 'Errors at most 2 %: met, 2 % over 500 requests'],
    ['error-rate', 0.01, false, 'Errors at most 1 %: not met, 2 % over 500 requests'],
    ['mismatch-rate', 0, true, 'Differing answers at most 0 %: met, 0 % over 1 000 requests'],
  ] as const)('%s at most %d', (kind, atMost, met, words) => {
    expect(accept({ id: 'x', metric: { kind }, atMost, minimumSample: 100 }, windows)).toMatchObject({
      met,
      words,
    })
  })

  it('latency by its quantile, and nothing from too few requests', () => {
    const criterion = {
      id: 'x',
      metric: { kind: 'latency', quantile: 0.95 },
      atMost: 60,
      minimumSample: 100,
    } as const
    expect(accept(criterion, windows).met).toBe(true)
    expect(accept({ ...criterion, atMost: 50 }, windows).met).toBe(false)
    expect(accept(criterion, windows.slice(0, 1))).toMatchObject({
      met: null,
      words: 'Latency p95 at most 60 ms: 50 of 100 requests so far',
    })
  })
})

describe('what a guardrail would have done', () => {
  it('is counted over stored windows, begun afresh after each time', () => {
    const absolute = { kind: 'absolute', max: 0.05, tolerates: 0, outOf: 1 } as const
    const guardrail = aGuardrail({ limit: absolute, windowMs: 60_000, minimumSample: 20 })
    const minute = (i: number) =>
      aWindow(i * 60_000, {}, { requests: 100, errors: i % 1_440 === 700 ? 50 : 0 }, { seconds: 60 })
    const week = Array.from({ length: 7 * 1_440 }, (_, i) => minute(i))
    const { fired, words } = wouldHaveFired(guardrail, week, 0.01)
    expect(fired).toHaveLength(7)
    expect(fired[0]).toMatchObject({ at: 701 * 60_000, words: expect.stringContaining('50 %') })
    expect(words).toBe('Would have fired 7 times in the last 7 d')
    expect(wouldHaveFired(guardrail, week.slice(0, 600), 0.01).words).toBe(
      'Would not have fired in the last 10 h',
    )
    expect(wouldHaveFired(guardrail, [], 0.01).words).toBe('There is no stored data to try it on')
  })
})

describe('how long until there is enough data', () => {
  it.each([
    [
      1 / 36,
      [100, 1_000],
      'At about 1.67 requests a minute and 1 %, enough data in about 2 days; at 10 %, 5 h',
    ],
    [100, [100, 1_000], 'At about 100 requests a second and 1 %, enough data in about 50 s; at 10 %, 5 s'],
    [0, [100], 'At no traffic and 1 %, never enough data'],
  ])('at %d requests a second', (rate, shares, words) => {
    expect(enoughDataWords(rate, shares, [aGuardrail()], 50)).toBe(words)
  })

  it('is never where a window is too short for an absolute limit', () => {
    const limit = { kind: 'absolute', max: 0.1, tolerates: 0, outOf: 1 } as const
    expect(enoughDataMs(1, 5_000, [aGuardrail({ limit, minimumSample: 31 })], 0)).toBe(null)
    expect(enoughDataMs(1, 5_000, [aGuardrail({ limit, minimumSample: 30 })], 0)).toBe(60_000)
  })

  it.each([
    [1, 'about 1 request a second'],
    [0.2, 'about 12 requests a minute'],
    [1 / 3_600, 'about 1 request an hour'],
    [0, 'no traffic'],
  ])('%d requests a second are %s', (rate, words) => {
    expect(rateWords(rate)).toBe(words)
  })
})
