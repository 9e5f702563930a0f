import type { SeriesPoint } from '@crossfade/contracts/api/series'
import type { LatencySketch } from '@crossfade/core/sketch'
import { errorsOf, type Tally } from '@crossfade/core/tally'

/** One side's window as people see it. */
export function pointOf(at: number, tally: Tally, sketch: LatencySketch | null): SeriesPoint {
  const { requests, statuses, failures, fallbacks, retries, bytesIn, bytesOut } = tally
  return {
    at,
    requests,
    errors: errorsOf(tally),
    clientErrors: statuses[3],
    statuses: [...statuses],
    failures: { ...failures },
    fallbacks,
    retries,
    bytesIn,
    bytesOut,
    p50: quantileOf(sketch, 0.5),
    p95: quantileOf(sketch, 0.95),
    p99: quantileOf(sketch, 0.99),
  }
}

/** To the microsecond, finer than the sketch is. */
function quantileOf(sketch: LatencySketch | null, p: number): number | null {
  const ms = sketch?.quantile(p) ?? null
  return ms === null ? null : Math.round(ms * 1000) / 1000
}
