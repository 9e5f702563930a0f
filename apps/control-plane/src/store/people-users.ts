import type { Role } from '@crossfade/contracts/roles'
import type { Prisma, User } from './generated/client.ts'

/** Rows of people: reading and writing them, nothing about what they mean. */
export type UserRow = User
type Db = Prisma.TransactionClient

export interface UserPatch {
  readonly name?: string
  readonly role?: Role
  readonly disabled?: boolean
  readonly passwordHash?: string
}

export function userById(db: Db, id: string): Promise<UserRow | null> {
  return db.user.findUnique({ where: { id } })
}

export function userByEmail(db: Db, email: string): Promise<UserRow | null> {
  return db.user.findUnique({ where: { email } })
}

/** Oldest first; ids are UUIDv7, so the id is also the order. */
export function usersAfter(db: Db, cursor: string | undefined, limit: number): Promise<UserRow[]> {
  return db.user.findMany({
    ...(cursor !== undefined && { where: { id: { gt: cursor } } }),
    orderBy: { id: 'asc' },
    take: limit,
  })
}

export function insertUser(
  db: Db,
  user: {
    readonly email: string
    readonly name: string
    readonly role: Role
    readonly passwordHash: string | null
  },
): Promise<UserRow> {
  return db.user.create({ data: user })
}

/** Writes only if `version` is still the one given; null when it is not, or the user is gone. */
export async function updateUser(
  db: Db,
  id: string,
  version: number,
  patch: UserPatch,
): Promise<UserRow | null> {
  const { count } = await db.user.updateMany({
    where: { id, version },
    data: { ...patch, version: { increment: 1 } },
  })
  return count === 1 ? userById(db, id) : null
}

export async function deleteUser(db: Db, id: string, version: number): Promise<void> {
  await db.user.deleteMany({ where: { id, version } })
}

export async function markUserSeen(db: Db, id: string, at: Date): Promise<void> {
  await db.user.updateMany({ where: { id }, data: { lastSeenAt: at } })
}

/** Administrators who can sign in. */
export function administrators(db: Db): Promise<UserRow[]> {
  return db.user.findMany({
    where: { role: 'admin', disabled: false, passwordHash: { not: null } },
    orderBy: { id: 'asc' },
  })
}
