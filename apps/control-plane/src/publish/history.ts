import type { SnapshotDelta, SnapshotEntry } from '@crossfade/contracts/snapshot'

/** The entries of one past snapshot by `kind/id`. Versions share the entries that did not change. */
type Version = ReadonlyMap<string, SnapshotEntry>

/** The last versions of one environment: what a delta can start from. */
export interface History {
  remember(hash: string, entries: readonly SnapshotEntry[]): void
  /** What to change to get from the version with this hash to `entries`; null when it is forgotten. */
  difference(
    hash: string,
    entries: readonly SnapshotEntry[],
  ): Pick<SnapshotDelta, 'base' | 'removed' | 'changed'> | null
}

export function createHistory(depth: number): History {
  const versions = new Map<string, Version>()
  return {
    remember(hash, entries) {
      const before = [...versions.values()].at(-1)
      versions.delete(hash)
      versions.set(hash, byKey(entries.map((entry) => sameOf(before, entry))))
      for (const oldest of versions.keys()) {
        if (versions.size <= depth) break
        versions.delete(oldest)
      }
    },
    difference(hash, entries) {
      const base = versions.get(hash)
      if (base === undefined) return null
      const next = byKey(entries)
      return {
        base: hash,
        removed: [...base].filter(([key]) => !next.has(key)).map(([, { kind, id }]) => ({ kind, id })),
        changed: [...next].filter(([key, { bytes }]) => base.get(key)?.bytes !== bytes).map(([, e]) => e),
      }
    },
  }
}

function sameOf(version: Version | undefined, entry: SnapshotEntry): SnapshotEntry {
  const same = version?.get(keyOf(entry))
  return same?.bytes === entry.bytes ? same : entry
}

function keyOf(entry: SnapshotEntry): string {
  return `${entry.kind}/${entry.id}`
}

function byKey(entries: readonly SnapshotEntry[]): Version {
  return new Map(entries.map((entry) => [keyOf(entry), entry]))
}
