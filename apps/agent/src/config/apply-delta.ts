import type { SnapshotDelta, SnapshotEntry } from '@crossfade/contracts/snapshot'
import { keyOf } from './base.ts'

/** The entries a delta leads to; whether they are the signed ones is for the hash to say. */
export function applyDelta(
  entries: readonly SnapshotEntry[],
  delta: Pick<SnapshotDelta, 'removed' | 'changed'>,
): SnapshotEntry[] {
  const next = new Map(entries.map((entry) => [keyOf(entry), entry]))
  for (const removed of delta.removed) next.delete(keyOf(removed))
  for (const changed of delta.changed) next.set(keyOf(changed), changed)
  return [...next.values()]
}
