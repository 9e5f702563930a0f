import type { TallyShape, Via } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import { LatencySketch } from '@crossfade/core/sketch'
import type { Outcome } from './recorder.ts'

/** Upper bounds of the latency histogram on the metrics page, in ms; above the last is one more bucket. */
export const latencyBoundsMs = [1, 2.5, 5, 10, 25, 50, 100, 250, 500, 1000, 2500, 5000, 10_000] as const

/** What one mapping's side counts while its window is open. Changed in place: this is the request path. */
export interface Series {
  readonly mappingId: string | null
  readonly side: Side
  readonly via: Via
  tally: TallyShape
  /** Latencies since it was last handed out, which may be more than one window ago. */
  sketch: LatencySketch
  latency: LatencyCounts
}

export interface LatencyCounts {
  readonly buckets: number[]
  sumMs: number
  count: number
}

export function newSeries(mappingId: string | null, side: Side, via: Via): Series {
  return {
    mappingId,
    side,
    via,
    tally: zeroTally(),
    sketch: new LatencySketch(),
    latency: zeroLatency(),
  }
}

export function addOutcome(series: Series, outcome: Outcome): void {
  const { tally } = series
  tally.requests++
  tally.retries += outcome.retries
  tally.bytesIn += outcome.bytesIn
  tally.bytesOut += outcome.bytesOut
  if (outcome.fallback) tally.fallbacks++
  if (outcome.failure !== null) tally.failures[outcome.failure]++
  const status = outcome.fallback ? outcome.replaced : outcome.status
  if (status === null) return
  const statusClass = Math.floor(status / 100) - 1
  if (statusClass >= 0 && statusClass < 5) tally.statuses[statusClass]! += 1
  // The other side's answer says nothing about how fast this one is (rule 32).
  if (outcome.fallback) return
  series.sketch.add(outcome.latencyMs)
  addLatency(series.latency, outcome.latencyMs)
}

export function zeroTally(): TallyShape {
  return {
    requests: 0,
    statuses: [0, 0, 0, 0, 0],
    failures: { connect: 0, timeout: 0, reset: 0, protocol: 0, 'client-closed': 0, tls: 0 },
    fallbacks: 0,
    breakerOpenings: 0,
    retries: 0,
    bytesIn: 0,
    bytesOut: 0,
  }
}

export function zeroLatency(): LatencyCounts {
  return { buckets: Array.from({ length: latencyBoundsMs.length + 1 }, () => 0), sumMs: 0, count: 0 }
}

function addLatency(latency: LatencyCounts, ms: number): void {
  let bucket = 0
  while (bucket < latencyBoundsMs.length && ms > latencyBoundsMs[bucket]!) bucket++
  latency.buckets[bucket]! += 1
  latency.sumMs += ms
  latency.count++
}
