import type { Change, Prisma } from './generated/client.ts'

/** Who changed this last, for the answer to a stale version (rule 22). */
export function lastChangeOf(db: Prisma.TransactionClient, objectId: string): Promise<Change | null> {
  return db.change.findFirst({ where: { objectId }, orderBy: { seq: 'desc' } })
}
