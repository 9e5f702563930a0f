import type { EvidenceWindow, SideWindow } from '@crossfade/core/guardrail/evidence'
import type { Side } from '@crossfade/core/model'
import { emptyTally } from '@crossfade/core/tally'
import { decoded } from '../series/batches.ts'
import type { StoredPoint } from '../store/series.ts'

/** A stretch of time in windows of one width, its ends on their borders. */
export interface Stretch {
  readonly resolution: number
  readonly from: number
  readonly to: number
}

/** How long windows of a second and of ten are kept, less what a turn may take. */
const SECONDS_MS = 14 * 60_000
const TENS_MS = 23 * 3_600_000

/**
 * What to read to judge from `from` to `to`: seconds, as far back as there are any; coarser windows to catch up with
 * what happened while nobody judged. Older than a day is not judged any more. Null while there is nothing yet.
 */
export function stretchOf(from: number, to: number, now: number, least = 1): Stretch | null {
  const isFresh = now - from <= SECONDS_MS
  const resolution = Math.max(least, isFresh ? 1 : 10)
  const width = resolution * 1_000
  const begin = Math.ceil(Math.max(from, now - TENS_MS) / width) * width
  const end = Math.floor(to / width) * width
  return end > begin ? { resolution, from: begin, to: end } : null
}

/** One window after the other without a gap: that there was no traffic is evidence too. */
export function windowsOf(
  points: readonly StoredPoint[],
  { resolution, from, to }: Stretch,
): EvidenceWindow[] {
  const byTime = Map.groupBy(points, ({ at }) => at)
  const windows: EvidenceWindow[] = []
  for (let at = from; at < to; at += resolution * 1_000) {
    windows.push(windowOf(at, resolution, byTime.get(at) ?? []))
  }
  return windows
}

function windowOf(at: number, seconds: number, points: readonly StoredPoint[]): EvidenceWindow {
  const fresh = sideOf(points, 'new')
  return {
    at,
    seconds,
    legacy: sideOf(points, 'legacy'),
    new: fresh,
    breakerOpenings: fresh.tally.breakerOpenings,
    shadow: null,
    ledgerLagSeconds: null,
    external: {},
  }
}

const NOTHING: SideWindow = { tally: emptyTally(), latency: null }

function sideOf(points: readonly StoredPoint[], side: Side): SideWindow {
  const point = points.find((one) => one.side === side)
  return point === undefined ? NOTHING : { tally: point.tally, latency: decoded(point.sketch) }
}
