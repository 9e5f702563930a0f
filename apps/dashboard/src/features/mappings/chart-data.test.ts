import type { SeriesPoint } from '@crossfade/contracts/api/series'
import { describe, expect, it } from 'vitest'
import type { Numbers } from '../live/fold.ts'
import { compare, lineOf, markersOf, metrics, rowsOf, sentenceOf, withLive } from './chart-data.ts'

const point = (at: number, more: Partial<SeriesPoint> = {}): SeriesPoint => ({
  at,
  requests: 10,
  errors: 0,
  clientErrors: 0,
  statuses: [0, 10, 0, 0, 0],
  failures: { connect: 0, timeout: 0, reset: 0, protocol: 0, 'client-closed': 0, tls: 0 },
  fallbacks: 0,
  retries: 0,
  bytesIn: 0,
  bytesOut: 0,
  p50: 5,
  p95: 20,
  p99: 40,
  ...more,
})
const numbers = (
  at: number,
  legacy: SeriesPoint | null,
  fresh: SeriesPoint | null,
  mappingId = 'books',
): Numbers => ({
  type: 'numbers',
  n: at,
  at,
  mappings: [{ mappingId, legacy, new: fresh }],
})

describe('a line of a chart', () => {
  it('breaks where a window is missing instead of joining over it', () => {
    const line = lineOf([point(1000), point(2000), point(6000)], 1, metrics.p95)
    expect(line).toEqual([
      { x: 1000, y: 20 },
      { x: 2000, y: 20 },
      { x: 3000, y: null },
      { x: 6000, y: 20 },
    ])
  })

  it('has a gap where requests have no measured latency', () => {
    expect(lineOf([point(1000, { p95: null })], 1, metrics.p95)).toEqual([{ x: 1000, y: null }])
  })

  it('shows a rate per second whatever the width of a point', () => {
    expect(lineOf([point(0, { requests: 600 })], 60, metrics.requests)[0]?.y).toBe(10)
  })
})

describe('history carried on by live numbers', () => {
  const history = { resolution: 1, legacy: [point(1000), point(2000)], new: [] }

  it('appends new seconds and counts a second known twice once, the fuller one', () => {
    const live = [
      numbers(2000, point(2000, { requests: 12 }), null),
      numbers(3000, point(3000), point(3000, { p95: 9 })),
    ]
    const joined = withLive(history, live, 'books')
    expect(joined.legacy.map(({ at, requests }) => [at, requests])).toEqual([
      [1000, 10],
      [2000, 12],
      [3000, 10],
    ])
    expect(joined.new.map(({ at }) => at)).toEqual([3000])
  })

  it('leaves other mappings and coarser points alone', () => {
    expect(withLive(history, [numbers(3000, point(3000), null, 'other')], 'books').legacy).toHaveLength(2)
    const coarse = { ...history, resolution: 10 }
    expect(withLive(coarse, [numbers(3000, point(3000), null)], 'books')).toBe(coarse)
  })
})

describe('comparing the sides', () => {
  const many = (p95: number, errors = 0) =>
    Array.from({ length: 60 }, (_, second) => point(second * 1000, { p95, errors }))

  it('says by how much new is lower, and that there is enough data', () => {
    const told = compare({ resolution: 1, legacy: many(182), new: many(164) }, metrics.p95)
    expect(told).toMatchObject({ difference: '18 ms lower', confidence: 'enough data', verdict: 'better' })
    expect(sentenceOf(told, '5 min')).toBe(
      'Latency p95, last 5 min: legacy 182 ms and new 164 ms; new is 18 ms lower.',
    )
  })

  it('judges nothing on few requests', () => {
    const told = compare(
      { resolution: 1, legacy: many(182), new: [point(0, { requests: 37, p95: 900 })] },
      metrics.p95,
    )
    expect(told).toMatchObject({ confidence: 'too few requests to tell: 37', verdict: 'none' })
  })

  it('weighs error ratios by requests', () => {
    const legacy = [point(0, { requests: 990, errors: 0 }), point(1000, { requests: 10, errors: 10 })]
    expect(compare({ resolution: 1, legacy, new: many(1, 1) }, metrics.errors).legacy.value).toBeCloseTo(0.01)
  })

  it('calls a difference nobody could read the same', () => {
    const told = compare({ resolution: 1, legacy: many(100.1), new: many(100.2) }, metrics.p95)
    expect(told.verdict).toBe('worse')
    expect(compare({ resolution: 1, legacy: many(5), new: many(5) }, metrics.p95).difference).toBe('the same')
  })

  it('says which side has no data', () => {
    const told = compare({ resolution: 1, legacy: many(5), new: [] }, metrics.p95)
    expect(sentenceOf(told, '1 h')).toBe('Latency p95, last 1 h: legacy 5 ms and new has no data.')
  })
})

describe('markers', () => {
  const change = (at: string, act: string, after: unknown) => ({
    seq: 1,
    at,
    environmentId: 'default',
    actor: { kind: 'user' as const, id: 'u', name: 'Maya' },
    act,
    object: { kind: 'mapping', id: 'books', name: 'books' },
    before: null,
    after,
    reason: null,
    source: 'dashboard' as const,
    requestId: null,
    revision: 1,
  })

  it('show share changes in order of time and nothing else', () => {
    const markers = markersOf([
      change('2026-01-01T00:00:02.000Z', 'mapping.rollback', { percent: 0 }),
      change('2026-01-01T00:00:01.500Z', 'mapping.update', {}),
      change('2026-01-01T00:00:01.000Z', 'group.share', { split: { percent: 12.5 } }),
    ])
    expect(markers.map(({ label }) => label)).toEqual(['12.5 %', 'roll back'])
  })
})

describe('the table behind a chart', () => {
  it('puts both sides of a window in one row, newest first', () => {
    const rows = rowsOf(
      { resolution: 1, legacy: [point(1000)], new: [point(1000, { p95: 9 }), point(2000)] },
      metrics.p95,
      10,
    )
    expect(rows).toEqual([
      { at: 2000, legacy: null, new: 20 },
      { at: 1000, legacy: 20, new: 9 },
    ])
  })
})
