import type { Access } from '@crossfade/contracts/roles'
import { accessColumns, withRoles } from './access.ts'
import type { Prisma } from './generated/client.ts'

/** Rows of people: reading and writing them, nothing about what they mean. */
export type UserRow = Prisma.UserGetPayload<{ include: typeof withRoles }>
type Db = Prisma.TransactionClient

export interface UserPatch {
  readonly name?: string
  readonly access?: Access
  readonly disabled?: boolean
  readonly passwordHash?: string
}

export function userById(db: Db, id: string): Promise<UserRow | null> {
  return db.user.findUnique({ where: { id }, include: withRoles })
}

export function userByEmail(db: Db, email: string): Promise<UserRow | null> {
  return db.user.findUnique({ where: { email }, include: withRoles })
}

/** Oldest first; ids are UUIDv7, so the id is also the order. */
export function usersAfter(db: Db, cursor: string | undefined, limit: number): Promise<UserRow[]> {
  return db.user.findMany({
    ...(cursor !== undefined && { where: { id: { gt: cursor } } }),
    include: withRoles,
    orderBy: { id: 'asc' },
    take: limit,
  })
}

export function insertUser(
  db: Db,
  user: {
    readonly email: string
    readonly name: string
    readonly access: Access
    readonly passwordHash: string | null
  },
): Promise<UserRow> {
  const { access, ...columns } = user
  return db.user.create({ data: { ...columns, ...accessColumns(access) }, include: withRoles })
}

/** Writes only if `version` is still the one given; null when it is not, or the user is gone. */
export async function updateUser(
  db: Db,
  id: string,
  version: number,
  patch: UserPatch,
): Promise<UserRow | null> {
  const { access, ...columns } = patch
  const { count } = await db.user.updateMany({
    where: { id, version },
    data: { ...columns, ...(access && { role: access.everywhere }), version: { increment: 1 } },
  })
  if (count === 0) return null
  if (access) {
    await db.userRole.deleteMany({ where: { userId: id } })
    await db.userRole.createMany({ data: access.environments.map((one) => ({ ...one, userId: id })) })
  }
  return userById(db, id)
}

export async function deleteUser(db: Db, id: string, version: number): Promise<void> {
  await db.user.deleteMany({ where: { id, version } })
}

export async function markUserSeen(db: Db, id: string, at: Date): Promise<void> {
  await db.user.updateMany({ where: { id }, data: { lastSeenAt: at } })
}

/** Administrators of the whole installation who can sign in. */
export function administrators(db: Db): Promise<UserRow[]> {
  return db.user.findMany({
    where: { role: 'admin', disabled: false, passwordHash: { not: null } },
    include: withRoles,
    orderBy: { id: 'asc' },
  })
}
