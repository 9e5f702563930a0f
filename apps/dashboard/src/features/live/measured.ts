import type { SeriesPoint } from '@crossfade/contracts/api/series'
import type { Side } from '@crossfade/core/model'
import type { Numbers } from './fold.ts'

/** What the agents measured in the last seconds; split traffic only (rule 16). */
export interface Measured {
  readonly seconds: number
  readonly legacy: SideNow
  readonly new: SideNow
  /** Share of new in percent; null without traffic. */
  readonly percent: number | null
  /** End of the newest second, server clock; null without any. */
  readonly at: number | null
}

export interface SideNow {
  readonly requests: number
  readonly perSecond: number
  /** Errors per request, 0…1; null without requests. */
  readonly errorRatio: number | null
  /** Median of the seconds' p95 in ms, weighted by requests; null without a measured request. */
  readonly p95: number | null
}

/** Sums the last `seconds` of the feed over these mappings, but nothing that began before `since` (server clock, ms). */
export function measuredOf(
  numbers: readonly Numbers[],
  mappingIds: readonly string[],
  seconds: number,
  since = Number.NEGATIVE_INFINITY,
): Measured {
  const newest = numbers.at(-1)
  if (newest === undefined) return { ...none, seconds }
  const begin = Math.max(since, newest.at - (seconds - 1) * 1000)
  const window = numbers.filter((second) => second.at >= begin)
  const points = window.flatMap((second) =>
    second.mappings.filter(({ mappingId }) => mappingId !== null && mappingIds.includes(mappingId)),
  )
  const covered = Math.max(1, window.length)
  const legacy = sideOf(
    points.map((point) => point.legacy),
    covered,
  )
  const fresh = sideOf(
    points.map((point) => point.new),
    covered,
  )
  const requests = legacy.requests + fresh.requests
  return {
    seconds,
    legacy,
    new: fresh,
    percent: requests === 0 ? null : (100 * fresh.requests) / requests,
    at: newest.at + 1000,
  }
}

export function errorRatio(point: Pick<SeriesPoint, 'requests' | 'errors'>): number | null {
  return point.requests === 0 ? null : point.errors / point.requests
}

/** The value half of the weight lies below; null without weight. */
export function weightedMedian(values: readonly { value: number; weight: number }[]): number | null {
  const sorted = values.filter(({ weight }) => weight > 0).sort((a, b) => a.value - b.value)
  const half = sorted.reduce((total, { weight }) => total + weight, 0) / 2
  let below = 0
  for (const { value, weight } of sorted) {
    below += weight
    if (below >= half) return value
  }
  return null
}

function sideOf(points: readonly (SeriesPoint | null)[], seconds: number): SideNow {
  const there = points.filter((point) => point !== null)
  const requests = sum(there, 'requests')
  return {
    requests,
    perSecond: requests / seconds,
    errorRatio: errorRatio({ requests, errors: sum(there, 'errors') }),
    p95: weightedMedian(
      there.flatMap((point) => (point.p95 === null ? [] : [{ value: point.p95, weight: point.requests }])),
    ),
  }
}

function sum(points: readonly SeriesPoint[], field: 'requests' | 'errors'): number {
  return points.reduce((total, point) => total + point[field], 0)
}

const noSide: SideNow = { requests: 0, perSecond: 0, errorRatio: null, p95: null }
const none = { legacy: noSide, new: noSide, percent: null, at: null }

export function sidesOf(measured: Measured): readonly (SideNow & { readonly side: Side })[] {
  return [
    { side: 'legacy', ...measured.legacy },
    { side: 'new', ...measured.new },
  ]
}
