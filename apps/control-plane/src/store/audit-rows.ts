import type { AuditKeys } from '../audit/audit-keys.ts'
import { NO_MAC, olderDigest, sealFacts, type AuditFacts, type ChainEnd } from '../audit/chain.ts'
import { prunedBy, type AuditPage, type AuditRow } from '../audit/verify.ts'
import { eventOfChange, type NotificationEvent } from '../notifications/events.ts'
import { notify } from '../notifications/notify.ts'
import type { Author, ChangeDraft } from './author.ts'
import { StoreOpenError } from './errors.ts'
import type { Prisma } from './generated/client.ts'
import type { ChangeRow } from './entities.ts'
import { redact } from './redact.ts'
import type { Db, Store } from './store.ts'

/** What an audit row got when it was written. */
export interface RecordedChange {
  readonly seq: number
  readonly at: string
}

/**
 * The audit rows of one transaction, behind those of all before it, and what is told of them. `at` is ms since the
 * epoch.
 */
export async function appendChanges(
  db: Db,
  keys: AuditKeys,
  parts: {
    readonly author: Author
    readonly environmentId: string | null
    readonly drafts: readonly ChangeDraft[]
    readonly revision: number | null
    readonly at: number
  },
): Promise<RecordedChange[]> {
  if (parts.drafts.length === 0) return []
  let end = await lockEnd(db)
  const at = new Date(parts.at)
  const rows: Prisma.ChangeCreateManyInput[] = []
  const events: NotificationEvent[] = []
  for (const draft of parts.drafts) {
    const facts = factsOf({ ...parts, draft, seq: end.seq + 1, at: at.toISOString() })
    const { canonical, mac } = sealFacts(keys.current, end, facts)
    rows.push({ ...columnsOf(facts), at, canonical, mac })
    const event = eventOfChange(facts)
    if (event !== null) events.push(event)
    end = { seq: facts.seq, mac }
  }
  await db.change.createMany({ data: rows })
  await db.auditHead.update({ where: { id: 1 }, data: { seq: end.seq, mac: end.mac } })
  await notify(db, events, parts.at)
  return rows.map(({ seq }) => ({ seq: Number(seq), at: at.toISOString() }))
}

/** Where the chain ends now. */
export async function chainEnd(db: Db): Promise<ChainEnd> {
  const head = await db.auditHead.findUniqueOrThrow({ where: { id: 1 } })
  return { seq: Number(head.seq), mac: head.mac }
}

/** In order, `limit` of those after `seq`, and where the trail says it ends in the same moment. */
export function auditPage(store: Store, seq: number, limit: number): Promise<AuditPage> {
  return store.consistent(async (db) => ({ rows: await rowsAfter(db, seq, limit), end: await chainEnd(db) }))
}

/** The seal of a row; null when there is no such row. */
export async function auditMacOf(db: Db, seq: number): Promise<string | null> {
  return (await db.change.findUnique({ where: { seq }, select: { mac: true } }))?.mac ?? null
}

/** The first row still kept; 1 when there is none. */
export async function firstSeq(db: Db): Promise<number> {
  const { _min } = await db.change.aggregate({ _min: { seq: true } })
  return Number(_min.seq ?? 1)
}

/** What the last entry of removal says. */
export async function lastPrune(db: Db): Promise<ChainEnd | null> {
  const row = await db.change.findFirst({ where: { act: 'audit.prune' }, orderBy: { seq: 'desc' } })
  return row === null ? null : prunedBy(rowOf(row).facts)
}

/** The last row older than `before`; null when none is. */
export async function lastBefore(db: Db, before: Date): Promise<ChainEnd | null> {
  const where = { at: { lt: before }, mac: { not: null } }
  const row = await db.change.findFirst({ where, orderBy: { seq: 'desc' }, select: { seq: true, mac: true } })
  return row === null ? null : { seq: Number(row.seq), mac: row.mac ?? '' }
}

/** Removes the rows up to `through`; the transaction must hold the entry that says so. Answers how many went. */
export async function removeThrough(db: Db, through: number): Promise<number> {
  await db.$executeRaw`SELECT set_config('crossfade.prune_through', ${String(through)}, true)`
  return (await db.change.deleteMany({ where: { seq: { lte: through } } })).count
}

/**
 * Makes the chain ready for this process: rows older than the chain are covered by a first entry that holds their
 * hash. Throws `StoreOpenError` when the last row was sealed with a key that is not given.
 */
export async function openChain(store: Store, keys: AuditKeys, author: Author, at: number): Promise<void> {
  await store.transaction(async (db) => {
    const end = await lockEnd(db)
    if (end.mac === NO_MAC && end.seq > 0) await coverOlder(db, keys, author, at)
    else if (end.seq > 0) refuseStrangeKey(await db.change.findUnique({ where: { seq: end.seq } }), keys)
  })
}

async function rowsAfter(db: Db, seq: number, limit: number): Promise<AuditRow[]> {
  const rows = await db.change.findMany({ where: { seq: { gt: seq } }, orderBy: { seq: 'asc' }, take: limit })
  return rows.map(rowOf)
}

async function coverOlder(db: Db, keys: AuditKeys, author: Author, at: number): Promise<void> {
  const { seq: through } = await chainEnd(db)
  const digest = olderDigest()
  for (let last = 0; last < through;) {
    const page = await rowsAfter(db, last, 1_000)
    for (const { facts } of page) digest.add(facts)
    last = page.at(-1)?.facts.seq ?? through
  }
  const after = { through, digest: digest.hex() }
  const object = { kind: 'audit', id: 'chain', name: 'Audit trail' }
  const drafts = [{ act: 'audit.genesis', object, before: null, after }]
  await appendChanges(db, keys, { author, environmentId: null, drafts, revision: null, at })
}

function refuseStrangeKey(last: ChangeRow | null, keys: AuditKeys): void {
  const keyId = /"key":"([0-9a-f]{16})"/.exec(last?.canonical ?? '')?.[1]
  if (keyId === undefined || keys.find(keyId) !== null) return
  throw new StoreOpenError(
    'CROSSFADE_AUDIT_KEY is not the key that sealed the audit trail last: give that one in CROSSFADE_PREVIOUS_AUDIT_KEYS',
  )
}

/** Appends wait for each other from here to the end of their transactions, so the chain has no gaps and no forks. */
async function lockEnd(db: Db): Promise<ChainEnd> {
  const rows = await db.$queryRaw<{ seq: bigint; mac: string }[]>`
    SELECT "seq", "mac" FROM "AuditHead" WHERE "id" = 1 FOR UPDATE`
  const [head] = rows
  if (!head) throw new Error('The head of the audit trail is gone')
  return { seq: Number(head.seq), mac: head.mac }
}

function factsOf(parts: {
  readonly author: Author
  readonly environmentId: string | null
  readonly draft: ChangeDraft
  readonly revision: number | null
  readonly seq: number
  readonly at: string
}): AuditFacts {
  const { author, draft } = parts
  const { kind, id, name } = draft.object
  const actor = draft.actor ?? author.actor
  return {
    seq: parts.seq,
    at: parts.at,
    environmentId: parts.environmentId,
    actor: { kind: actor.kind, id: actor.id, name: actor.name },
    act: draft.act,
    object: { kind, id, name },
    alsoTouches: [...(draft.alsoTouches ?? [])],
    before: redact(draft.before ?? null),
    after: redact(draft.after ?? null),
    reason: draft.reason ?? null,
    source: draft.source ?? author.source,
    requestId: author.requestId,
    revision: parts.revision,
  }
}

function columnsOf({ actor, object, before, after, alsoTouches, ...same }: AuditFacts) {
  return {
    ...same,
    alsoTouches: [...alsoTouches],
    actorKind: actor.kind,
    actorId: actor.id,
    actorName: actor.name,
    objectKind: object.kind,
    objectId: object.id,
    objectName: object.name,
    ...(before !== null && { before: before as Prisma.InputJsonValue }),
    ...(after !== null && { after: after as Prisma.InputJsonValue }),
  }
}

function rowOf(row: ChangeRow): AuditRow {
  const facts = {
    seq: Number(row.seq),
    at: row.at.toISOString(),
    environmentId: row.environmentId,
    actor: { kind: row.actorKind, id: row.actorId, name: row.actorName },
    act: row.act,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    alsoTouches: row.alsoTouches,
    before: row.before,
    after: row.after,
    reason: row.reason,
    source: row.source,
    requestId: row.requestId,
    revision: row.revision,
  }
  return { facts, canonical: row.canonical, mac: row.mac }
}
