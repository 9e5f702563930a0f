import type { Prisma, IdempotencyKey } from './generated/client.ts'

export type IdempotencyRow = IdempotencyKey
type Db = Prisma.TransactionClient

/** Status of a row whose request has not been answered yet. */
export const unanswered = 0

/** True for the caller who may go on; everybody else reads what that one left. */
export async function reserveKey(
  db: Db,
  key: string,
  fingerprint: string,
  times: { readonly now: Date; readonly abandonedBefore: Date },
): Promise<boolean> {
  await db.idempotencyKey.deleteMany({
    where: { key, status: unanswered, createdAt: { lt: times.abandonedBefore } },
  })
  const { count } = await db.idempotencyKey.createMany({
    data: [{ key, fingerprint, status: unanswered, response: {}, createdAt: times.now }],
    skipDuplicates: true,
  })
  return count === 1
}

export function readKey(db: Db, key: string): Promise<IdempotencyRow | null> {
  return db.idempotencyKey.findUnique({ where: { key } })
}

export async function answerKey(
  db: Db,
  key: string,
  status: number,
  response: Prisma.InputJsonValue,
): Promise<void> {
  await db.idempotencyKey.updateMany({ where: { key }, data: { status, response } })
}

/** A refused request changed nothing, so its key is free again. */
export async function releaseKey(db: Db, key: string): Promise<void> {
  await db.idempotencyKey.deleteMany({ where: { key, status: unanswered } })
}

export async function deleteKeysBefore(db: Db, before: Date): Promise<void> {
  await db.idempotencyKey.deleteMany({ where: { createdAt: { lt: before } } })
}
