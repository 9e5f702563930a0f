import { resolutions } from '@crossfade/contracts/api/series'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { prunePaths } from '../store/paths.ts'
import { prunePoints } from '../store/series.ts'
import { pruneMarks } from '../store/series-marks.ts'
import type { Store } from '../store/store.ts'
import { pathsKeptMs } from './paths.ts'

const everyMs = 60_000
/** A boot that said nothing for so long will not send its batches again. */
const marksKeptMs = 60 * 24 * 3_600_000

/** Removes what is past its keeping, every minute. */
export function pruning(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}): Part {
  const { store, clock, logger } = parts
  let stop = () => {}
  return {
    name: 'pruning',
    async start() {
      const run = () => prune(store, clock.now())
      stop = every(clock, everyMs, run, (error) =>
        logger.warn({ err: error }, 'Old numbers were not removed'),
      )
    },
    stop: async () => stop(),
  }
}

export async function prune(store: Store, now: number): Promise<void> {
  for (const { seconds, keepSeconds } of resolutions) {
    await store.read((db) => prunePoints(db, seconds, new Date(now - keepSeconds * 1000)))
  }
  await store.read((db) => prunePaths(db, new Date(now - pathsKeptMs)))
  await store.read((db) => pruneMarks(db, new Date(now - marksKeptMs)))
}
