import type { SnapshotDelta } from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { entriesOf } from './entries.ts'
import { createHistory, type History } from './history.ts'
import type { Published, Publisher } from './published.ts'
import { sealSnapshot } from './seal-snapshot.ts'
import type { SigningKeys } from './signing-keys.ts'

/** One consistent read of an environment. */
export interface LoadedSnapshot {
  readonly epoch: string
  readonly previousEpoch: string | null
  readonly revision: number
  readonly mappingsDeleted: number
  readonly snapshot: Snapshot
}

export interface PublisherParts {
  /** Null when there is no such environment; rejects when the database does not answer. */
  readonly load: (environmentId: string) => Promise<LoadedSnapshot | null>
  readonly environmentIds: () => Promise<readonly string[]>
  readonly onRevision: (listener: (environmentId: string, revision: number) => void) => () => void
  /** Runs before each load; while it fails nothing is published (journalled roll backs go first, rule 19). */
  readonly beforeLoad: (environmentId: string) => Promise<void>
  /** The database is behind what was published: it was restored under our feet (rule 25). */
  readonly onWentBack: (published: Published) => void
  /** The newest signed end of the audit trail, for the header. */
  readonly auditCheckpoint: () => string | null
  readonly keys: SigningKeys
  readonly clock: Clock
  readonly logger: Logger
}

export interface RunningPublisher extends Publisher {
  start(): Promise<void>
  stop(): Promise<void>
}

/** Bases that deltas can start from. */
const versionsRemembered = 20
const retryMs = 1_000

/** Per environment: the newest sealed snapshot, its history, and at most one load at a time. */
interface Line {
  readonly history: History
  /** To the current snapshot, by base; a thousand agents ask for the same one. */
  readonly deltas: Map<string, SnapshotDelta | null>
  published: Published | null
  loading: Promise<void> | null
  /** Monotonic time of the earliest change not loaded yet. */
  waitingSince: number | null
}

/** Turns committed revisions into sealed snapshots; revisions that come faster than loads are coalesced. */
export function createPublisher(parts: PublisherParts): RunningPublisher {
  const lines = new Map<string, Line>()
  const listeners = new Set<(published: Published) => void>()
  let stopped = false
  let stopListening = () => {}
  const cancels = new Set<() => void>()

  const lineOf = (environmentId: string): Line => {
    const known = lines.get(environmentId)
    if (known) return known
    const line: Line = {
      history: createHistory(versionsRemembered),
      deltas: new Map(),
      published: null,
      loading: null,
      waitingSince: null,
    }
    lines.set(environmentId, line)
    return line
  }

  const loadOnce = async (environmentId: string, line: Line): Promise<void> => {
    const waiting = line.waitingSince
    const since = waiting ?? parts.clock.monotonic()
    line.waitingSince = null
    try {
      await parts.beforeLoad(environmentId)
      const loaded = await parts.load(environmentId)
      if (loaded === null) lines.delete(environmentId)
      else install(environmentId, line, loaded, since)
    } catch (error) {
      // Without a change that waits nobody tries again, so the next change must.
      if (waiting !== null) line.waitingSince = Math.min(waiting, line.waitingSince ?? Infinity)
      throw error
    }
  }

  const install = (environmentId: string, line: Line, loaded: LoadedSnapshot, acceptedAt: number) => {
    const before = line.published
    if (before?.header.epoch === loaded.epoch && before.header.revision >= loaded.revision) {
      if (before.header.revision > loaded.revision) parts.onWentBack(before)
      return
    }
    const entries = entriesOf(loaded.snapshot)
    const { header, whole } = sealSnapshot(
      entries,
      {
        environmentId,
        epoch: loaded.epoch,
        revision: loaded.revision,
        previousEpoch: loaded.previousEpoch,
        mappingsDeleted: loaded.mappingsDeleted,
        auditCheckpoint: parts.auditCheckpoint(),
        createdAt: new Date(parts.clock.now()).toISOString(),
      },
      parts.keys.signer,
    )
    const published = { environmentId, header, whole, snapshot: loaded.snapshot, acceptedAt }
    line.published = published
    line.history.remember(header.hash, entries)
    line.deltas.clear()
    for (const listener of listeners) listener(published)
  }

  /** Joins the load under way unless a change came after it began; then one more follows. */
  const refresh = (environmentId: string): Promise<void> => {
    const line = lineOf(environmentId)
    const previous = line.loading ?? Promise.resolve()
    const mine = previous.catch(() => {}).then(() => loadOnce(environmentId, line))
    const settled = mine.finally(() => {
      if (line.loading === settled) line.loading = null
    })
    line.loading = settled
    return settled
  }

  const noteRevision = (environmentId: string) => {
    const line = lineOf(environmentId)
    const first = line.waitingSince === null
    line.waitingSince ??= parts.clock.monotonic()
    if (first) follow(environmentId)
  }

  const follow = (environmentId: string): void => {
    if (stopped) return
    refresh(environmentId).catch((error: unknown) => {
      parts.logger.warn({ err: error, environmentId }, 'A snapshot could not be loaded; trying again')
      const cancel = parts.clock.after(retryMs, () => {
        cancels.delete(cancel)
        follow(environmentId)
      })
      cancels.add(cancel)
    })
  }

  return {
    keys: parts.keys.chain,
    current: (environmentId) => lines.get(environmentId)?.published ?? null,
    all: () => [...lines.values()].flatMap(({ published }) => published ?? []),
    async newest(environmentId) {
      await refresh(environmentId)
      return lines.get(environmentId)?.published ?? null
    },
    deltaSince: (environmentId, hash) => deltaOf(lines.get(environmentId), hash),
    onPublished(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    async start() {
      stopListening = parts.onRevision(noteRevision)
      for (const environmentId of await parts.environmentIds()) await refresh(environmentId)
    },
    async stop() {
      stopped = true
      stopListening()
      for (const cancel of cancels) cancel()
      await Promise.allSettled([...lines.values()].flatMap((line) => line.loading ?? []))
    },
  }
}

function deltaOf(line: Line | undefined, hash: string): SnapshotDelta | null {
  if (!line?.published) return null
  const known = line.deltas.get(hash)
  if (known !== undefined) return known
  const { header, signature, entries } = line.published.whole
  const difference = line.history.difference(hash, entries)
  const delta = difference && { header, signature, ...difference }
  line.deltas.set(hash, delta)
  return delta
}
