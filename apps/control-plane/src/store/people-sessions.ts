import { withRoles } from './access.ts'
import type { Prisma, Session } from './generated/client.ts'

const withUser = { user: { include: withRoles } } as const
export type SessionRow = Prisma.SessionGetPayload<{ include: typeof withUser }>
type Db = Prisma.TransactionClient

export function sessionById(db: Db, id: string): Promise<SessionRow | null> {
  return db.session.findUnique({ where: { id }, include: withUser })
}

export async function putSession(
  db: Db,
  session: {
    readonly id: string
    readonly userId: string
    readonly userAgent: string
    readonly now: Date
    readonly expiresAt: Date
  },
): Promise<void> {
  const { id, userId, userAgent, now, expiresAt } = session
  await db.session.upsert({
    where: { id },
    create: { id, userId, userAgent, data: {}, createdAt: now, lastSeenAt: now, expiresAt },
    update: { userId, userAgent, lastSeenAt: now, expiresAt },
  })
}

export async function markSessionSeen(db: Db, id: string, now: Date): Promise<void> {
  await db.session.updateMany({ where: { id }, data: { lastSeenAt: now } })
}

/** Ids of those among `ids` that have not ended and whose person may still come in. */
export async function openSessions(
  db: Db,
  ids: readonly string[],
  now: Date,
  idleSince: Date,
): Promise<string[]> {
  const open = await db.session.findMany({
    where: {
      id: { in: [...ids] },
      expiresAt: { gt: now },
      lastSeenAt: { gt: idleSince },
      user: { disabled: false, passwordHash: { not: null } },
    },
    select: { id: true },
  })
  return open.map(({ id }) => id)
}

export function sessionsOf(db: Db, userId: string, now: Date, idleSince: Date): Promise<Session[]> {
  return db.session.findMany({
    where: { userId, expiresAt: { gt: now }, lastSeenAt: { gt: idleSince } },
    orderBy: { lastSeenAt: 'desc' },
  })
}

export async function deleteSession(db: Db, id: string): Promise<void> {
  await db.session.deleteMany({ where: { id } })
}

/** Ends the sessions of one person and answers their ids. */
export async function deleteSessionsOf(
  db: Db,
  userId: string,
  which: { readonly except?: string | null; readonly only?: string } = {},
): Promise<string[]> {
  const { except, only } = which
  const ending = await db.session.findMany({
    where: {
      userId,
      ...(typeof except === 'string' && { id: { not: except } }),
      ...(only !== undefined && { id: only }),
    },
    select: { id: true },
  })
  const ids = ending.map((session) => session.id)
  await db.session.deleteMany({ where: { id: { in: ids } } })
  return ids
}

export async function deleteExpiredSessions(db: Db, now: Date, idleSince: Date): Promise<void> {
  await db.session.deleteMany({
    where: { OR: [{ expiresAt: { lte: now } }, { lastSeenAt: { lte: idleSince } }] },
  })
}
