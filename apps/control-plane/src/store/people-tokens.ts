import type { Access } from '@crossfade/contracts/roles'
import { accessColumns, withRoles } from './access.ts'
import type { Prisma } from './generated/client.ts'

export type ApiTokenRow = Prisma.ApiTokenGetPayload<{ include: typeof withRoles }>
type Db = Prisma.TransactionClient

/** Ids of those among `ids` that still let a program in. */
export async function liveApiTokens(db: Db, ids: readonly string[], now: Date): Promise<string[]> {
  const live = await db.apiToken.findMany({
    where: { id: { in: [...ids] }, revokedAt: null, OR: [{ expiresAt: null }, { expiresAt: { gt: now } }] },
    select: { id: true },
  })
  return live.map(({ id }) => id)
}

export function apiTokenByHash(db: Db, tokenHash: string): Promise<ApiTokenRow | null> {
  return db.apiToken.findUnique({ where: { tokenHash }, include: withRoles })
}

export function apiTokensAfter(db: Db, cursor: string | undefined, limit: number): Promise<ApiTokenRow[]> {
  return db.apiToken.findMany({
    ...(cursor !== undefined && { where: { id: { gt: cursor } } }),
    include: withRoles,
    orderBy: { id: 'asc' },
    take: limit,
  })
}

export function insertApiToken(
  db: Db,
  token: Omit<ApiTokenRow, 'id' | 'lastUsedAt' | 'revokedAt' | 'role' | 'roles'> & {
    readonly access: Access
  },
): Promise<ApiTokenRow> {
  const { access, ...columns } = token
  return db.apiToken.create({ data: { ...columns, ...accessColumns(access) }, include: withRoles })
}

/** The token as it was before; null when there is none or it was revoked already. */
export async function revokeApiToken(db: Db, id: string, now: Date): Promise<ApiTokenRow | null> {
  const { count } = await db.apiToken.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: now },
  })
  return count === 1 ? db.apiToken.findUnique({ where: { id }, include: withRoles }) : null
}

export async function markApiTokenUsed(db: Db, id: string, now: Date): Promise<void> {
  await db.apiToken.updateMany({ where: { id }, data: { lastUsedAt: now } })
}

/** The name of who made it; null when there is no such token. */
export async function creatorOfToken(db: Db, id: string): Promise<string | null> {
  return (await db.apiToken.findUnique({ where: { id }, select: { createdBy: true } }))?.createdBy ?? null
}
