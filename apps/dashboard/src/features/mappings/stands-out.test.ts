import { describe, expect, it } from 'vitest'
import type { SeriesPoint } from '@crossfade/contracts/api/series'
import { standsOut } from './stands-out.ts'

const point = (requests: number, errors: number): SeriesPoint => ({
  at: 0,
  requests,
  errors,
  clientErrors: 0,
  statuses: [0, requests - errors, 0, 0, errors],
  failures: { connect: 0, timeout: 0, reset: 0, protocol: 0, 'client-closed': 0, tls: 0 },
  fallbacks: 0,
  retries: 0,
  bytesIn: 0,
  bytesOut: 0,
  p50: null,
  p95: null,
  p99: null,
})
const row = (legacy: SeriesPoint | null, fresh: SeriesPoint | null) => ({ client: 'ios', legacy, new: fresh })

describe('a kind of client', () => {
  it.each([
    ['fails clearly more on new', row(point(1000, 2), point(200, 30)), true],
    ['fails alike', row(point(1000, 20), point(1000, 22)), false],
    ['has too few requests', row(point(1000, 2), point(20, 20)), false],
    ['is only on legacy', row(point(1000, 900), null), false],
    ['fails on new and was never on legacy', row(null, point(100, 60)), false],
  ])('that %s', (_, clients, expected) => {
    expect(standsOut(clients)).toBe(expected)
  })
})
