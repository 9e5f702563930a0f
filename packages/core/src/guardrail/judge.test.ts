import { aGuardrail, aWindow } from '@crossfade/testkit/evidence-builders'
import { seededRandom } from '@crossfade/testkit/seeded-random'
import { describe, expect, it } from 'vitest'
import type { EvidenceWindow } from './evidence.ts'
import { judge } from './judge.ts'
import type { GuardrailMemory, JudgeContext } from './memory.ts'
import type { Guardrail, Judgement } from './model.ts'

const FROM = 1_000_000_000_000
const second = (index: number) => FROM + index * 1_000

/** Judges second after second, as the runner would, and gives the last judgement. */
function judged(
  guardrail: Guardrail,
  windows: readonly EvidenceWindow[],
  parts: Partial<JudgeContext> = {},
  memory: GuardrailMemory | null = null,
): { judgement: Judgement; memory: GuardrailMemory; all: Judgement[] } {
  let state = memory
  const all: Judgement[] = []
  for (const window of windows) {
    const end = window.at + window.seconds * 1_000
    const result = judge(guardrail, state, [window], {
      now: end + 3_000,
      mappingId: 'm1',
      since: FROM,
      share: 5_000,
      alpha: 0.0025,
      judgeable: { through: end, waitsFor: [] },
      ...parts,
    })
    // What is stored between two ticks is JSON.
    state = JSON.parse(JSON.stringify(result.memory)) as GuardrailMemory
    all.push(result.judgement)
  }
  const [judgement] = all.slice(-1)
  if (state === null || judgement === undefined) throw new Error('no windows')
  return { judgement, memory: state, all }
}

/** The same requests second after second. */
function steady(
  seconds: number,
  legacy: [requests: number, errors: number],
  fresh: [requests: number, errors: number],
  from = 0,
): EvidenceWindow[] {
  return Array.from({ length: seconds }, (_, i) =>
    aWindow(
      second(from + i),
      { requests: legacy[0], errors: legacy[1] },
      { requests: fresh[0], errors: fresh[1] },
    ),
  )
}

describe('errors against legacy (rule 15)', () => {
  it.each([
    ['nobody fails', [10, 0], [10, 0], 'pass'],
    ['both fail alike', [10, 1], [10, 1], 'pass'],
    ['both fail alike, badly', [10, 5], [10, 5], 'pass'],
    ['legacy is worse', [10, 4], [10, 1], 'pass'],
    ['new is twice as bad', [10, 1], [10, 2], 'fail'],
    ['everything on new fails', [10, 0], [10, 10], 'fail'],
  ] as const)('%s', (_what, legacy, fresh, verdict) => {
    expect(judged(aGuardrail(), steady(400, [...legacy], [...fresh])).judgement.verdict).toBe(verdict)
  })

  it('(e) one 5xx out of three requests says nothing', () => {
    const { judgement } = judged(aGuardrail(), steady(1, [30, 0], [3, 1]))
    expect(judgement).toMatchObject({ verdict: 'inconclusive', sample: { legacy: 30, new: 3 } })
    expect(judgement.words).toBe('3 requests on new and 30 on legacy so far, 50 on each side say something')
  })

  it('a service that answers nothing but errors is found with its first fifty requests', () => {
    const { all } = judged(aGuardrail(), steady(60, [99, 1], [1, 1]))
    expect(all.findIndex(({ verdict }) => verdict === 'fail')).toBeLessThanOrEqual(59)
  })

  it('one bad second is no breach of a limit on a rate, when there are many', () => {
    const windows = [...steady(300, [100, 1], [100, 1]), ...steady(1, [100, 1], [100, 4], 300)]
    expect(judged(aGuardrail(), windows).judgement.verdict).toBe('pass')
  })

  it('a service that turns bad after long good days is found as fast', () => {
    const bad = (from: number) => steady(200, [100, 1], [100, 6], from)
    const after = (good: number) => {
      const { all } = judged(aGuardrail(), [...steady(good, [100, 1], [100, 1]), ...bad(good)])
      return all.findIndex(({ verdict }) => verdict === 'fail') - good
    }
    expect(after(60)).toBeGreaterThan(0)
    expect(after(3_000)).toBeLessThan(after(60) + 6)
  })

  it('trouble that both sides share is none of new', () => {
    const trouble = steady(60, [100, 30], [100, 30], 100)
    const windows = [...steady(100, [100, 1], [100, 1]), ...trouble, ...steady(100, [100, 1], [100, 1], 160)]
    expect(judged(aGuardrail(), windows).all.some(({ verdict }) => verdict === 'fail')).toBe(false)
  })

  it('fails only when the whole interval is beyond the limit, and says everything in one sentence', () => {
    for (const errors of [1, 2, 3]) {
      for (const one of judged(aGuardrail(), steady(120, [100, 1], [100, errors])).all) {
        if (one.interval === null || one.limit === null) continue
        const beyond = one.interval.low - one.limit
        expect(one.verdict === 'fail' ? beyond : -beyond).toBeGreaterThanOrEqual(0)
      }
    }
    const { judgement } = judged(aGuardrail(), steady(120, [100, 1], [100, 3]))
    expect(judgement.words).toMatch(
      /^3 % of new's [\d ]+ requests failed, 1 % of legacy's [\d ]+ did, over the last .+; up to 1\.3 % is allowed, and new is between [\d.]+ % and [\d.]+ %$/,
    )
  })

  it('a new stage begins its sample anew', () => {
    const first = judged(aGuardrail(), steady(30, [100, 1], [100, 1]))
    expect(first.judgement.verdict).toBe('pass')
    const next = judged(aGuardrail(), steady(1, [10, 0], [10, 0], 30), { since: second(30) }, first.memory)
    expect(next.judgement).toMatchObject({ verdict: 'inconclusive', sample: { legacy: 10, new: 10 } })
  })

  it('at 100 % new is compared with what legacy did before', () => {
    const before = judged(aGuardrail(), steady(100, [100, 1], [100, 1]))
    const alone = (errors: number) =>
      judged(
        aGuardrail(),
        steady(100, [0, 0], [200, errors], 100),
        { share: 10_000, since: second(100) },
        before.memory,
      ).judgement
    expect(alone(2).verdict).toBe('pass')
    expect(alone(8)).toMatchObject({
      verdict: 'fail',
      words: expect.stringContaining("of legacy's 10 000 did before it had no traffic"),
    })
  })

  it('4xx are counted among answers that are no errors, so that a failing legacy does not look careful', () => {
    const clientErrors = aGuardrail({ metric: { kind: 'client-error-rate' } })
    const windows = Array.from({ length: 200 }, (_, i) =>
      aWindow(second(i), { requests: 50, errors: 40, clientErrors: 2 }, { requests: 50, clientErrors: 10 }),
    )
    expect(judged(clientErrors, windows).judgement).toMatchObject({
      verdict: 'pass',
      measured: 0.2,
      legacy: 0.2,
    })
  })

  it('other metrics are counted their own way', () => {
    const clientErrors = aGuardrail({ metric: { kind: 'client-error-rate' } })
    const missing = Array.from({ length: 60 }, (_, i) =>
      aWindow(second(i), { requests: 10 }, { requests: 10, clientErrors: 10 }),
    )
    expect(judged(clientErrors, missing).judgement.verdict).toBe('fail')
    expect(judged(aGuardrail(), missing).judgement.verdict).toBe('pass')
    const timeouts = aGuardrail({ metric: { kind: 'timeout-rate' } })
    const slow = missing.map(({ at }) => aWindow(at, { requests: 10 }, { requests: 10, timeouts: 5 }))
    expect(judged(timeouts, slow).judgement.verdict).toBe('fail')
    expect(judged(aGuardrail(), slow).judgement.verdict).toBe('fail')
  })
})

describe('latency against legacy', () => {
  const p95 = aGuardrail({
    metric: { kind: 'latency', quantile: 0.95 },
    limit: { kind: 'against-legacy', factor: 1.1, plus: 0.002, tolerates: 0, outOf: 1 },
  })
  const stream = (seconds: number, slower: number) => {
    const random = seededRandom(7)
    const latencies = (times: number) => Array.from({ length: 20 }, () => times * 50 * Math.exp(random() * 2))
    return Array.from({ length: seconds }, (_, i) =>
      aWindow(second(i), { latencies: latencies(1) }, { latencies: latencies(slower) }),
    )
  }

  it.each([
    ['as fast', 1, 'pass'],
    ['5 % slower, 10 % are allowed', 1.05, 'pass'],
    ['30 % slower', 1.3, 'fail'],
    ['half as slow', 0.5, 'pass'],
  ] as const)('%s', (_what, slower, verdict) => {
    expect(judged(p95, stream(300, slower)).judgement.verdict).toBe(verdict)
  })

  it('is told as the part of requests that is slower than legacy’s quantile', () => {
    expect(judged(p95, stream(300, 1.3)).judgement.words).toMatch(
      /% of new's [\d ]+ requests took longer than \d+ ms, [\d.]+ % of legacy's [\d ]+ longer than its p95 of \d+ ms/,
    )
  })
})

describe('absolute limits over their window', () => {
  const limit = { kind: 'absolute', max: 0.05, tolerates: 0, outOf: 1 } as const
  const errors = aGuardrail({ limit, windowMs: 10_000, minimumSample: 20 })

  it.each([
    ['below it', 10, 0, 'pass'],
    ['at it', 20, 1, 'pass'],
    ['beyond it', 10, 1, 'fail'],
    ['beyond it with too few requests', 1, 1, 'inconclusive'],
  ] as const)('%s', (_what, requests, bad, verdict) => {
    expect(judged(errors, steady(10, [0, 0], [requests, bad])).judgement.verdict).toBe(verdict)
  })

  it('tolerates N windows of the last M, and says so', () => {
    const patient = aGuardrail({
      limit: { ...limit, tolerates: 2, outOf: 5 },
      windowMs: 10_000,
      minimumSample: 20,
    })
    const { all } = judged(patient, steady(40, [0, 0], [10, 1]))
    expect(all.findIndex(({ verdict }) => verdict === 'fail')).toBe(21)
    expect(all[15]?.words).toBe(
      "10 % of new's 100 requests failed in the last 10 s; up to 5 % is allowed; 2 breaches in the last 5 windows of 10 s, 2 tolerated",
    )
    const once = [...steady(10, [0, 0], [10, 1]), ...steady(200, [0, 0], [10, 0], 10)]
    expect(judged(patient, once).judgement).toMatchObject({ verdict: 'pass', breaches: 0 })
  })

  it('latency: no larger part of requests may be slower than the limit than its quantile says', () => {
    const p95 = aGuardrail({
      metric: { kind: 'latency', quantile: 0.95 },
      limit: { ...limit, max: 200 },
      minimumSample: 20,
    })
    const windows = (slow: number) =>
      Array.from({ length: 10 }, (_, i) =>
        aWindow(second(i), {}, { latencies: Array.from({ length: 20 }, (__, n) => (n < slow ? 300 : 100)) }),
      )
    expect(judged(p95, windows(1)).judgement.verdict).toBe('pass')
    expect(judged(p95, windows(2)).judgement).toMatchObject({
      verdict: 'fail',
      words: expect.stringContaining("10 % of new's 200 requests took longer than 200 ms"),
    })
  })

  it.each([
    ['breaker-openings', { breakerOpenings: 1 }, 5, 'fail', 'opened 10 times in the last 1 min; up to 5'],
    ['ledger-lag', { ledgerLagSeconds: 90 }, 60, 'fail', 'lag 1 min 30 s; up to 1 min'],
    [
      'mismatch-rate',
      { shadow: { compared: 10, differing: 1 } },
      0.05,
      'fail',
      '10 % of 100 compared answers',
    ],
  ] as const)('%s', (kind, parts, max, verdict, words) => {
    const guardrail = aGuardrail({ metric: { kind }, limit: { ...limit, max } })
    const windows = steady(10, [0, 0], [0, 0]).map((window) => ({ ...window, ...parts }))
    const { judgement } = judged(guardrail, windows)
    expect(judgement).toMatchObject({ verdict, words: expect.stringContaining(words) })
  })
})

describe('an external metric', () => {
  const external = (legacy: number | null, fresh: number | null) =>
    steady(10, [0, 0], [0, 0]).map((window) => ({
      ...window,
      external: { orders: { legacy, new: fresh } },
    }))
  const metric = { kind: 'external', name: 'orders' } as const

  it.each([
    ['within its limit', 5, 5, 'pass'],
    ['beyond it', 5, 6, 'fail'],
    ['without a value of new', 5, null, 'error'],
    ['without a value of legacy', null, 5, 'error'],
  ] as const)('%s', (_what, legacy, fresh, verdict) => {
    const limit = { kind: 'against-legacy', factor: 1.1, plus: 0, tolerates: 0, outOf: 1 } as const
    expect(judged(aGuardrail({ metric, limit }), external(legacy, fresh)).judgement.verdict).toBe(verdict)
  })
})

describe('numbers that are missing or late', () => {
  it('are an error that names who did not report', () => {
    const { judgement } = judged(aGuardrail(), steady(60, [10, 0], [10, 10]), {
      now: second(90),
      judgeable: { through: second(60), waitsFor: ['edge-2'] },
    })
    expect(judgement).toMatchObject({
      verdict: 'error',
      measured: null,
      words: 'no complete numbers for 30 s; edge-2 did not report',
    })
  })

  it('are never judged twice: a late batch of a judged window changes nothing', () => {
    const first = judged(aGuardrail(), steady(60, [10, 0], [10, 0]))
    const again = judged(aGuardrail(), steady(60, [10, 0], [10, 10]), {}, first.memory)
    expect(again.judgement).toMatchObject({ verdict: 'pass', sample: { new: 600 } })
  })
})
