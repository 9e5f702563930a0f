import { withRoles } from './access.ts'
import type { OneTimeLink, Prisma } from './generated/client.ts'

const withUser = { user: { include: withRoles } } as const
export type LinkRow = Prisma.OneTimeLinkGetPayload<{ include: typeof withUser }>
export type LinkPurpose = 'first-administrator' | 'invite' | 'sign-in'
type Db = Prisma.TransactionClient

export function insertLink(
  db: Db,
  link: {
    readonly tokenHash: string
    readonly purpose: LinkPurpose
    readonly userId: string | null
    readonly createdAt: Date
    readonly expiresAt: Date
  },
): Promise<OneTimeLink> {
  return db.oneTimeLink.create({ data: link })
}

export function linkByHash(db: Db, tokenHash: string): Promise<LinkRow | null> {
  return db.oneTimeLink.findUnique({ where: { tokenHash }, include: withUser })
}

/** True for exactly one caller, whoever else tries at the same moment. */
export async function spendLink(db: Db, tokenHash: string, now: Date): Promise<boolean> {
  const { count } = await db.oneTimeLink.updateMany({
    where: { tokenHash, usedAt: null, expiresAt: { gt: now } },
    data: { usedAt: now },
  })
  return count === 1
}

/** Only the newest link of its kind works. */
export async function withdrawLinks(
  db: Db,
  which: { readonly purpose?: LinkPurpose; readonly userId: string | null },
  now: Date,
): Promise<void> {
  await db.oneTimeLink.updateMany({ where: { ...which, usedAt: null }, data: { usedAt: now } })
}
