import type { AgentToken } from './generated/client.ts'
import { pageArguments, type ListQuery } from './page.ts'
import type { Db } from './store.ts'

export type AgentTokenRow = AgentToken

export function agentTokenById(db: Db, id: string): Promise<AgentTokenRow | null> {
  return db.agentToken.findUnique({ where: { id } })
}

export function agentTokensAfter(db: Db, query: ListQuery): Promise<AgentTokenRow[]> {
  return db.agentToken.findMany(pageArguments(query))
}

export function insertAgentToken(
  db: Db,
  token: Pick<
    AgentTokenRow,
    'environmentId' | 'name' | 'uses' | 'secretHash' | 'createdBy' | 'createdAt' | 'expiresAt'
  >,
): Promise<AgentTokenRow> {
  return db.agentToken.create({ data: token })
}

/** The revoked token; null when there is none or it was revoked already. */
export async function revokeAgentToken(db: Db, id: string, at: Date): Promise<AgentTokenRow | null> {
  const { count } = await db.agentToken.updateMany({
    where: { id, revokedAt: null },
    data: { revokedAt: at },
  })
  return count === 1 ? db.agentToken.findUnique({ where: { id } }) : null
}

/**
 * Uses a token for one join; false when it is used up, expired or revoked. One statement decides, so that of two
 * agents that come with it at once exactly one gets in, on whatever control plane each of them asks.
 */
export async function useAgentToken(db: Db, id: string, at: Date): Promise<boolean> {
  const rows = await db.$queryRaw<unknown[]>`
    UPDATE "AgentToken"
    SET "usedAt" = CASE WHEN "uses" = 'once' THEN ${at} ELSE "usedAt" END, "lastUsedAt" = ${at}
    WHERE "id" = ${id} AND "usedAt" IS NULL AND "revokedAt" IS NULL
      AND ("expiresAt" IS NULL OR "expiresAt" > ${at})
    RETURNING 1`
  return rows.length === 1
}

export async function noteTokenUser(db: Db, id: string, agentId: string): Promise<void> {
  await db.agentToken.updateMany({ where: { id, uses: 'once' }, data: { usedBy: agentId } })
}
