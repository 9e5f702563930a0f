import type { PathSample } from '@crossfade/contracts/stats'
import type { PathRow } from '../store/paths.ts'
import type { PendingBatch } from './batches.ts'

export const hourMs = 3_600_000
/** How long paths are remembered. */
export const pathsKeptMs = 7 * 24 * hourMs

/** What the batches say about paths, one row for each path and hour; what is past its keeping is left out. */
export function pathsOf(batches: readonly PendingBatch[], now: number): PathRow[] {
  const rows = new Map<string, PathRow>()
  for (const { environmentId, batch } of batches) {
    for (const { at, paths = [] } of batch.windows) {
      if (at > now + hourMs || at < now - pathsKeptMs) continue
      for (const sample of paths) addPath(rows, environmentId, at, sample)
    }
  }
  return [...rows.values()]
}

function addPath(rows: Map<string, PathRow>, environmentId: string, at: number, path: PathSample): void {
  const hour = at - (at % hourMs)
  const id = `${environmentId} ${path.mappingId ?? ''} ${path.kind} ${hour} ${path.method} ${path.path}`
  const row = rows.get(id)
  rows.set(id, {
    ...path,
    mappingId: path.mappingId ?? '',
    environmentId,
    hour,
    requests: path.requests + (row?.requests ?? 0),
    errors: path.errors + (row?.errors ?? 0),
    sample: path.sample ?? row?.sample ?? null,
    lastSeenAt: Math.max(at, row?.lastSeenAt ?? 0),
  })
}
