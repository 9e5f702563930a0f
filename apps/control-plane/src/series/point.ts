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
    p50: sketch?.quantile(0.5) ?? null,
    p95: sketch?.quantile(0.95) ?? null,
    p99: sketch?.quantile(0.99) ?? null,
  }
}
