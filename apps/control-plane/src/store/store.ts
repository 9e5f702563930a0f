import { Problem } from '@crossfade/contracts/problems'
import { sleep, type Clock } from '@crossfade/runtime/clock'
import type { AuditKeys } from '../audit/audit-keys.ts'
import { appendChanges, type RecordedChange } from './audit-rows.ts'
import type { Author, ChangeDraft } from './author.ts'
import { guarded, retried } from './errors.ts'
import type { Prisma, PrismaClient } from './generated/client.ts'
import { RefusedChange } from './refused-change.ts'
import type { Leadership } from './leadership.ts'
import { CHANNEL, type RevisionListener, type Revisions } from './revisions.ts'

export type { Prisma, PrismaClient } from './generated/client.ts'

/** Queries run on this: the client itself, or the transaction an act is in. */
export type Db = Prisma.TransactionClient

export interface Store {
  /** Only used inside store/. */
  readonly prisma: PrismaClient
  readonly kind: 'postgres' | 'pglite'
  /** Runs queries that read; a database that is away becomes `store_unavailable`. */
  read<T>(query: (db: Db) => Promise<T>): Promise<T>
  /** One transaction without audit: for what is counted or remembered, not configured. */
  transaction<T>(act: (db: Db) => Promise<T>): Promise<T>
  /** Reads that must agree with each other: one transaction that sees one moment. */
  consistent<T>(query: (db: Db) => Promise<T>): Promise<T>
  /**
   * One transaction: the act's writes, its audit rows, and (if it calls `revise`) the next revision with its
   * notification. Changes of one environment wait for each other, so revisions are committed in order.
   */
  change<T>(
    author: Author,
    environmentId: string | null,
    act: (tx: ChangeTx) => Promise<T>,
  ): Promise<ChangeResult<T>>
  /** Hears each revision once: own commits, other replicas, and a poll. */
  onRevision(listener: RevisionListener): () => void
  /** Candidature for the one control plane that runs the ramps; not started yet. */
  leadership(): Leadership
  isReady(): Promise<boolean>
  close(): Promise<void>
}

export interface ChangeTx {
  readonly db: Db
  /** When it began, in ms since the epoch: one moment for everything in it. */
  readonly now: number
  /** People agreed on what this does (rule 21). */
  readonly approved: boolean
  /** Adds an audit row; written when the act is done, in the same transaction. */
  record(draft: ChangeDraft): void
  /** The revision this transaction makes; the same however often it is asked for. */
  revise(environmentId?: string): Promise<number>
}

export interface ChangeResult<T> {
  readonly value: T
  /** Null when agents need not know. */
  readonly revision: number | null
  /** One for each draft, in order. */
  readonly changes: readonly RecordedChange[]
}

const TRANSACTION = { maxWait: 5_000, timeout: 15_000 }
const READY_MS = 2_000
/** Held by changes that belong to no environment. */
const HOUSE_LOCK = 72_707_370

export function createStore(parts: {
  readonly prisma: PrismaClient
  readonly kind: Store['kind']
  readonly revisions: Revisions
  readonly auditKeys: AuditKeys
  readonly clock: Clock
  readonly leadership: () => Leadership
  readonly close: () => Promise<void>
}): Store {
  const { prisma, revisions, clock } = parts

  const inTransaction = <T>(
    act: (db: Db) => Promise<T>,
    isolationLevel: Prisma.TransactionIsolationLevel = 'ReadCommitted',
  ) => retried(() => prisma.$transaction(act, { ...TRANSACTION, isolationLevel }))

  return {
    prisma,
    kind: parts.kind,
    read: (query) => guarded(() => query(prisma)),
    transaction: (act) => inTransaction(act),
    consistent: (query) => inTransaction(query, 'RepeatableRead'),

    async change(author, environmentId, act) {
      const audit = (db: Db, drafts: readonly ChangeDraft[], revision: number | null) =>
        appendChanges(db, parts.auditKeys, { author, environmentId, drafts, revision, at: clock.now() })
      const transaction = inTransaction(async (db) => {
        await lock(db, environmentId)
        const tx = openChange(db, environmentId, clock.now())
        const value = await act(tx)
        const next = await tx.revised()
        const revision = next?.revision ?? null
        const changes = await audit(db, tx.drafts, revision)
        if (next) await notify(db, next.id, next.revision)
        return { value, revision, changes, revised: next }
      })
      const { revised, ...result } = await transaction.catch(async (error: unknown) => {
        if (error instanceof RefusedChange) await inTransaction((db) => audit(db, [error.draft], null))
        throw error
      })
      if (revised) revisions.committed(revised.id, revised.revision)
      return result
    },

    onRevision: (listener) => revisions.on(listener),
    leadership: parts.leadership,

    async isReady() {
      const asked = prisma.$queryRaw`SELECT 1`.then(
        () => true,
        () => false,
      )
      const late = new AbortController()
      const answer = await Promise.race([
        asked,
        sleep(clock, READY_MS, late.signal).then(
          () => false,
          () => false,
        ),
      ])
      late.abort()
      return answer
    },

    close: parts.close,
  }
}

function openChange(db: Db, environmentId: string | null, now: number) {
  const drafts: ChangeDraft[] = []
  let revising: Promise<{ id: string; revision: number }> | null = null
  return {
    db,
    now,
    approved: false,
    drafts,
    record: (draft: ChangeDraft) => void drafts.push(draft),
    revise: async (other?: string) => {
      const id = other ?? environmentId
      if (id === null) throw new TypeError('A change outside of environments has no revision')
      revising ??= db.environment.update({
        where: { id },
        data: { revision: { increment: 1 } },
        select: { id: true, revision: true },
      })
      return (await revising).revision
    },
    revised: async () => revising,
  }
}

/** Rows that refer to the environment may still come in meanwhile: the lock leaves its key alone. */
async function lock(db: Db, environmentId: string | null): Promise<void> {
  if (environmentId === null) {
    await db.$executeRaw`SELECT pg_advisory_xact_lock(${HOUSE_LOCK})`
    return
  }
  const rows = await db.$queryRaw<unknown[]>`
    SELECT 1 FROM "Environment" WHERE "id" = ${environmentId} FOR NO KEY UPDATE`
  if (rows.length === 0) {
    const errors = [{ path: 'environmentId', message: 'There is no such environment' }]
    throw new Problem('invalid_reference', { detail: 'There is no such environment', errors })
  }
}

async function notify(db: Db, environmentId: string, revision: number): Promise<void> {
  await db.$executeRaw`SELECT pg_notify(${CHANNEL}, ${`${environmentId} ${revision}`})`
}
