import { resolutions } from '@crossfade/contracts/api/series'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { prunePoints } from '../store/series.ts'
import { pruneMarks } from '../store/series-marks.ts'
import type { Store } from '../store/store.ts'

const everyMs = 60_000
/** A boot that said nothing for so long will not send its batches again. */
const marksKeptMs = 60 * 24 * 3_600_000

/** Removes what is past its keeping, every minute; the answer ends it. */
export function startPruning(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}): () => void {
  const { store, clock, logger } = parts
  return every(
    clock,
    everyMs,
    () => prune(store, clock.now()),
    (error) => logger.warn({ err: error }, 'Old numbers were not removed'),
  )
}

export async function prune(store: Store, now: number): Promise<void> {
  for (const { seconds, keepSeconds } of resolutions) {
    await store.read((db) => prunePoints(db, seconds, new Date(now - keepSeconds * 1000)))
  }
  await store.read((db) => pruneMarks(db, new Date(now - marksKeptMs)))
}
