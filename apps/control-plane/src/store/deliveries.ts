import type { DeliveryView } from '@crossfade/contracts/api/webhooks'
import type { Prisma } from './generated/client.ts'
import { toPage, type Page, type PageQuery } from './page.ts'
import type { Db } from './store.ts'
import type { WebhookRow } from './webhooks.ts'

export type DeliveryRow = Prisma.DeliveryGetPayload<object>
export type Attempt = DeliveryView['log'][number]

export interface NewDelivery<Event> {
  readonly webhookId: string
  readonly eventKey: string
  readonly thread: string
  readonly type: string
  readonly events: readonly Event[]
  readonly createdAt: Date
  readonly nextTryAt: Date
}

/** Once for each webhook and event, however often and by whomever it is told. */
export async function insertDeliveries<Event>(db: Db, rows: readonly NewDelivery<Event>[]): Promise<void> {
  if (rows.length === 0) return
  const data = rows.map((row) => ({ ...row, events: row.events as unknown as Prisma.InputJsonArray }))
  await db.delivery.createMany({ data, skipDuplicates: true })
}

/** A single one that its maker sends at once: nobody else claims it before `claimedTill`. */
export function insertClaimed<Event>(
  db: Db,
  { events, ...row }: NewDelivery<Event>,
  claimedTill: Date,
): Promise<DeliveryRow> {
  const json = events as unknown as Prisma.InputJsonArray
  return db.delivery.create({ data: { ...row, events: json, attempts: 1, claimedTill } })
}

/** Keys of events told on a thread before, and when its last message went out or will. */
export async function toldOnThread(
  db: Db,
  webhookId: string,
  thread: string,
  since: Date,
): Promise<{ readonly keys: ReadonlySet<string>; readonly last: Date | null }> {
  const rows = await db.delivery.findMany({
    where: { webhookId, thread, createdAt: { gte: since } },
    select: { events: true, createdAt: true, nextTryAt: true, log: true },
    orderBy: { createdAt: 'desc' },
    take: 50,
  })
  const keys = rows.flatMap(({ events }) => (events as unknown as { key: string }[]).map(({ key }) => key))
  const [newest] = rows
  const sentAt = (newest?.log as Attempt[] | undefined)?.at(-1)?.at
  const last = sentAt === undefined ? (newest?.nextTryAt ?? newest?.createdAt) : new Date(sentAt)
  return { keys: new Set(keys), last: last ?? null }
}

/**
 * Adds events to a message of the thread that nobody has begun to send; false when there is none. `due` is kept
 * when it is later than what the message waits for already.
 */
export async function appendEvents<Event>(
  db: Db,
  { webhookId, thread, events, nextTryAt }: NewDelivery<Event>,
): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    UPDATE "Delivery" SET "events" = "events" || ${JSON.stringify(events)}::jsonb,
      "nextTryAt" = least("nextTryAt", ${nextTryAt})
    WHERE "id" = (
      SELECT "id" FROM "Delivery"
      WHERE "webhookId" = ${webhookId} AND "thread" = ${thread} AND "status" = 'pending' AND "attempts" = 0
      ORDER BY "createdAt" DESC LIMIT 1 FOR UPDATE SKIP LOCKED)
    RETURNING 1`
  return rows.length === 1
}

export interface Claimed {
  readonly delivery: DeliveryRow
  readonly webhook: WebhookRow
}

/**
 * Takes the message that has been due for longest, until `till`. One statement decides, so that of several control
 * planes one has it; one that dies meanwhile leaves it to be claimed again. `busy`: webhooks to leave alone.
 */
export async function claimDelivery(
  db: Db,
  { now, till, busy }: { readonly now: Date; readonly till: Date; readonly busy: readonly string[] },
): Promise<Claimed | null> {
  const [claimed] = await db.$queryRaw<{ id: string }[]>`
    UPDATE "Delivery" AS d SET "attempts" = d."attempts" + 1, "nextTryAt" = ${till}, "claimedTill" = ${till}
    FROM (
      SELECT one."id" FROM "Delivery" AS one JOIN "Webhook" AS w ON w."id" = one."webhookId"
      WHERE one."status" = 'pending' AND one."nextTryAt" <= ${now} AND w."enabled"
        AND NOT (w."id" = ANY(${[...busy]}::text[]))
      ORDER BY one."nextTryAt", one."id" LIMIT 1 FOR UPDATE OF one SKIP LOCKED) AS due
    WHERE d."id" = due."id" RETURNING d."id"`
  if (!claimed) return null
  const row = await db.delivery.findUnique({ where: { id: claimed.id }, include: { webhook: true } })
  if (row === null) return null
  const { webhook, ...delivery } = row
  return { delivery, webhook }
}

/** What came of the attempt that claimed it; ignored when somebody else has claimed it since. */
export async function finishAttempt(
  db: Db,
  { id, attempts }: Pick<DeliveryRow, 'id' | 'attempts'>,
  result: Pick<DeliveryView, 'status' | 'log'> & { readonly nextTryAt: Date | null },
): Promise<void> {
  await db.delivery.updateMany({
    where: { id, attempts, status: 'pending' },
    data: { ...result, claimedTill: null, log: result.log },
  })
}

export function findDelivery(db: Db, id: string) {
  return db.delivery.findUnique({ where: { id } })
}

/** Newest first. */
export async function listDeliveries(
  db: Db,
  webhookId: string,
  { cursor, limit }: PageQuery,
): Promise<Page<DeliveryRow>> {
  const rows = await db.delivery.findMany({
    where: { webhookId, ...(cursor !== undefined && { id: { lt: cursor } }) },
    orderBy: { id: 'desc' },
    take: limit + 1,
  })
  return toPage(rows, limit, (row) => row.id)
}

/** To be sent now, with all retries before it again; what is being sent at this moment is left alone. */
export async function reopenDelivery(db: Db, row: DeliveryRow, now: Date): Promise<boolean> {
  const { count } = await db.delivery.updateMany({
    where: { id: row.id, OR: [{ claimedTill: null }, { claimedTill: { lte: now } }] },
    data: { status: 'pending', nextTryAt: now, countedFrom: row.attempts },
  })
  return count === 1
}

/** Whatever waits for this webhook is not sent any more. */
export async function abandonDeliveries(db: Db, webhookId: string): Promise<void> {
  await db.delivery.updateMany({
    where: { webhookId, status: 'pending' },
    data: { status: 'dead', nextTryAt: null, claimedTill: null },
  })
}

export async function pruneDeliveries(db: Db, before: Date): Promise<number> {
  const where = { createdAt: { lt: before }, status: { not: 'pending' } }
  return (await db.delivery.deleteMany({ where })).count
}
