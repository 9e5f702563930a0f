import type { StatsBatch } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'
import { addPaths } from '../store/paths.ts'
import { addCounts, saveSketches, type PointSketch, type StoredPoint } from '../store/series.ts'
import { lockMarks, saveMarks, type Mark } from '../store/series-marks.ts'
import type { Store } from '../store/store.ts'
import { decoded, merged, pointId, pointsOf, type PendingBatch } from './batches.ts'
import { pathsOf } from './paths.ts'

/**
 * Counts batches in one transaction with their marks (rule 28): whatever is delivered twice, or half done
 * before a crash, counts once.
 */
export async function countBatches(
  store: Pick<Store, 'transaction'>,
  clock: Clock,
  batches: readonly PendingBatch[],
): Promise<void> {
  await store.transaction(async (db) => {
    const { fresh, marks } = sortOut(batches, await lockMarks(db, bootsOf(batches)), clock.now())
    if (fresh.length === 0) return
    const points = pointsOf(fresh, clock.now())
    if (points.length > 0) {
      const before = await addCounts(db, points)
      await saveSketches(db, mergedSketches(points, before))
    }
    await addPaths(db, pathsOf(fresh, clock.now()))
    await saveMarks(db, marks, new Date(clock.now()))
  })
}

function bootsOf(batches: readonly PendingBatch[]) {
  const boots = new Map(
    batches.map(({ agentId, batch: { boot } }) => [`${agentId} ${boot}`, { agentId, boot }] as const),
  )
  return [...boots.values()]
}

/** Leaves out what was counted before, also when the same batch stands twice in the list. */
function sortOut(batches: readonly PendingBatch[], marks: readonly Mark[], now: number) {
  const standing = new Map(marks.map((mark) => [`${mark.agentId} ${mark.boot}`, mark]))
  const moved = new Map<string, Mark>()
  const fresh = batches.filter(({ agentId, batch }) => {
    const { boot, seq } = batch
    const id = `${agentId} ${boot}`
    const counted = (moved.get(id) ?? standing.get(id))?.seq ?? 0
    if (seq <= counted) return false
    moved.set(id, { agentId, boot, seq, ...progressOf(batch, moved.get(id), now) })
    return true
  })
  return { fresh, marks: [...moved.values()] }
}

/**
 * The newest window may have more pieces in the next batch, so only what was before it is complete. A clock that is
 * ahead says nothing about the future.
 */
function progressOf({ windows }: StatsBatch, before: Mark | undefined, now: number) {
  const newest = (all: StatsBatch['windows'], known: number | null | undefined) => {
    const at = all.reduce((latest, window) => Math.max(latest, window.at), known ?? -Infinity)
    return Number.isFinite(at) ? Math.min(at, now) : null
  }
  return {
    through: newest(windows, before?.through),
    trafficAt: newest(
      windows.filter(({ samples }) => samples.length > 0),
      before?.trafficAt,
    ),
  }
}

function mergedSketches(points: readonly StoredPoint[], before: readonly PointSketch[]): PointSketch[] {
  const ours = new Map(points.map((point) => [pointId(point), point.sketch]))
  return before.flatMap((point) => {
    const added = decoded(ours.get(pointId(point)) ?? null)
    if (added === null) return []
    const sketch = merged(decoded(point.sketch), added)?.encode() ?? null
    return [{ ...point, sketch }]
  })
}
