import type { KeyChain, SnapshotDelta, SnapshotHeader, WholeSnapshot } from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'

/** One sealed snapshot: what agents of an environment should run. */
export interface Published {
  readonly environmentId: string
  readonly header: SnapshotHeader
  readonly whole: WholeSnapshot
  readonly snapshot: Snapshot
  /** Monotonic ms at which its change was heard of. */
  readonly acceptedAt: number
}

export interface Publisher {
  /** Signing keys, oldest first; goes into `welcome` and snapshot files. */
  readonly keys: KeyChain
  /** The newest sealed snapshot in memory; null for an environment never loaded. */
  current(environmentId: string): Published | null
  /** The newest of every environment. */
  all(): readonly Published[]
  /** Looks in the store first; rejects when the database does not answer. Null for an unknown environment. */
  newest(environmentId: string): Promise<Published | null>
  /** What leads from the snapshot with this hash to the current one; null when that one is not remembered. */
  deltaSince(environmentId: string, hash: string): SnapshotDelta | null
  /** Called after each new snapshot; the answer ends it. */
  onPublished(listener: (published: Published) => void): () => void
}
