import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import { Problem } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Signer } from '@crossfade/runtime/seal'
import type { Hub } from '../link/hub-types.ts'
import type { Published, Publisher } from '../publish/published.ts'
import type { Author } from '../store/author.ts'
import type { Journal, JournalEntry } from './journal.ts'
import { sealOverlay } from './overlays.ts'
import type { PendingRollBacks } from './pending.ts'
import {
  planRollBack,
  unrecordedEnvironment,
  unrecordedShare,
  zerosOfPlan,
  type RollBackKind,
  type RollBackPlan,
} from './plan.ts'
import type { RollBack } from './roll-back-types.ts'

/** The acts of the database: what a roll back does when it answers. */
export interface RecordedActs {
  rollBack(
    author: Author,
    kind: 'mapping' | 'group',
    id: string,
    options: { reason?: string },
  ): Promise<ShareResult>
  rollBackEnvironment(
    author: Author,
    environmentId: string,
    options: { reason?: string },
  ): Promise<EnvironmentRollback>
}

export interface RollBackParts {
  readonly acts: RecordedActs
  readonly hub: Pick<Hub, 'sendOverlay'>
  readonly publisher: Pick<Publisher, 'current' | 'all' | 'onPublished'>
  readonly pending: PendingRollBacks
  readonly journal: Journal
  readonly signer: Signer
  readonly newId: () => string
  readonly clock: Clock
  readonly logger: Logger
}

export interface RunningRollBack extends RollBack {
  /** Records what the database does not have yet; rejects while it stays away. Before anything is published. */
  replay(environmentId: string): Promise<void>
  start(): void
  stop(): void
}

type Result = ShareResult | EnvironmentRollback

/** How long a roll back waits for the database before it goes on without. */
const answerWithinMs = 2_000
const replayEveryMs = 1_000

export function createRollBack(parts: RollBackParts): RunningRollBack {
  const { acts, hub, publisher, pending, journal, clock, logger } = parts
  /** Entries whose act the database did not take; the others are being tried right now. */
  const late = new Map<string, JournalEntry>(journal.left.map((entry) => [entry.id, entry]))
  for (const entry of journal.left) pending.add(entry)
  let cancelReplay: (() => void) | null = null
  let stopListening = () => {}

  const send = (environmentId: string) => {
    const overlay = pending.overlay(environmentId)
    if (overlay) hub.sendOverlay(environmentId, overlay.signed, overlay.revision)
  }

  const record = (entry: JournalEntry, reason: string | null): Promise<Result> => {
    const options = reason === null ? {} : { reason }
    return entry.kind === 'environment'
      ? acts.rollBackEnvironment(entry.author, entry.targetId, options)
      : acts.rollBack(entry.author, entry.kind, entry.targetId, options)
  }

  const settle = (entry: JournalEntry) => {
    late.delete(entry.id)
    pending.remove(entry.id)
    journal.recorded(entry.id).catch((error: unknown) => {
      logger.error({ err: error }, 'The roll-back journal could not be written')
    })
  }

  /** Agents first, then the database, then the truth about both. */
  const perform = async (
    author: Author,
    kind: RollBackKind,
    id: string,
    reason?: string,
  ): Promise<Result> => {
    const found = findPlan(publisher.all(), kind, id)
    const entry = entryOf(author, kind, id, reason ?? null, found)
    if (found) await announce(entry, found.plan)
    const acting = record(entry, entry.reason)
    try {
      const result = await within(answerWithinMs, acting, clock)
      settle(entry)
      if (found) confirm(found.published, found.plan, result)
      return result
    } catch (error) {
      if (!isAway(error)) {
        settle(entry)
        throw error
      }
      if (!found) throw error
      return goOnWithout(entry, found, acting)
    }
  }

  const entryOf = (
    author: Author,
    kind: RollBackKind,
    targetId: string,
    reason: string | null,
    found: Found | null,
  ): JournalEntry => {
    const { mappingIds, groupIds } = found ? zerosOfPlan(found.plan) : { mappingIds: [], groupIds: [] }
    return {
      id: parts.newId(),
      at: new Date(clock.now()).toISOString(),
      author: { actor: author.actor, source: author.source, requestId: author.requestId },
      kind,
      targetId,
      reason,
      environmentId: found?.published.environmentId ?? '',
      mappingIds: [...mappingIds],
      groupIds: [...groupIds],
    }
  }

  const announce = async (entry: JournalEntry, plan: RollBackPlan) => {
    try {
      await journal.begin(entry)
    } catch (error) {
      // A full disk must not stop a roll back.
      logger.error({ err: error }, 'The roll-back journal could not be written')
    }
    // What is at 0 already needs no overlay.
    if (plan.lowered.every(({ shareBefore }) => shareBefore === 0)) return
    pending.add(entry)
    send(entry.environmentId)
  }

  /** Other changes may have come between: then the overlay must outlive the revision it was guessed for. */
  const confirm = (published: Published, plan: RollBackPlan, result: Result) => {
    const current = publisher.current(published.environmentId) ?? published
    if (current.header.revision >= result.revision) return
    const overlay = sealOverlay(current, zerosOfPlan(plan), result.revision, parts.signer)
    if (plan.lowered.length > 0 && result.revision !== published.header.revision + 1) {
      hub.sendOverlay(published.environmentId, overlay.signed, overlay.revision)
    }
  }

  const goOnWithout = (entry: JournalEntry, found: Found, acting: Promise<Result>): Result => {
    logger.error({ kind: entry.kind, id: entry.targetId }, 'Rolled back without the database; recorded later')
    late.set(entry.id, entry)
    // It may still answer; otherwise the replay asks again.
    acting.then(
      () => settle(entry),
      () => {},
    )
    scheduleReplay()
    const revision = (publisher.current(entry.environmentId) ?? found.published).header.revision + 1
    const [only] = found.plan.lowered
    return entry.kind === 'environment' || !only
      ? unrecordedEnvironment(found.plan, revision)
      : unrecordedShare(only, revision)
  }

  const replayOne = async (entry: JournalEntry): Promise<void> => {
    const note = `at ${entry.at}, recorded late: the database was away`
    try {
      await record(entry, entry.reason === null ? note : `${entry.reason} (${note})`)
      logger.info({ kind: entry.kind, id: entry.targetId, at: entry.at }, 'A roll back was recorded late')
    } catch (error) {
      if (isAway(error)) throw error
      logger.error({ err: error, kind: entry.kind, id: entry.targetId }, 'A roll back cannot be recorded')
    }
    settle(entry)
  }

  const replay = async (environmentId: string): Promise<void> => {
    for (const entry of late.values()) if (entry.environmentId === environmentId) await replayOne(entry)
  }

  const scheduleReplay = () => {
    if (cancelReplay !== null || late.size === 0) return
    cancelReplay = clock.after(replayEveryMs, () => {
      Promise.all([...new Set([...late.values()].map((entry) => entry.environmentId))].map(replay))
        .catch((error: unknown) => logger.debug({ err: error }, 'The database is still away'))
        .finally(() => {
          cancelReplay = null
          scheduleReplay()
        })
    })
  }

  return {
    mapping: async (author, id, { reason }) => (await perform(author, 'mapping', id, reason)) as ShareResult,
    group: async (author, id, { reason }) => (await perform(author, 'group', id, reason)) as ShareResult,
    environment: async (author, id, { reason }) =>
      (await perform(author, 'environment', id, reason)) as EnvironmentRollback,
    replay,
    start() {
      stopListening = publisher.onPublished(({ environmentId }) => send(environmentId))
      scheduleReplay()
    },
    stop() {
      stopListening()
      cancelReplay?.()
      cancelReplay = () => {}
    },
  }
}

interface Found {
  readonly published: Published
  readonly plan: RollBackPlan
}

function findPlan(all: readonly Published[], kind: RollBackKind, id: string): Found | null {
  for (const published of all) {
    const plan = planRollBack(published.snapshot, kind, id)
    if (plan) return { published, plan }
  }
  return null
}

function isAway(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable'
}

/** Rejects with `store_unavailable` when the answer takes longer. */
function within<T>(ms: number, answer: Promise<T>, clock: Clock): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Problem('store_unavailable')))
    answer.then(resolve, reject).finally(cancel)
  })
}
