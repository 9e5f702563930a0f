import type { Agent, Prisma } from './generated/client.ts'
import type { Db } from './store.ts'

/** Rows of agents: what the database remembers of them. */
export type AgentRow = Agent

/** Finds or makes the agent of this name; an agent that was retired and comes back is on the list again. */
export async function enrolAgent(
  db: Db,
  agent: {
    readonly environmentId: string
    readonly name: string
    readonly tokenId: string
    readonly version: string
    readonly at: Date
  },
): Promise<AgentRow> {
  const { environmentId, name, tokenId, version, at } = agent
  const seen = { tokenId, version, connectedAt: at, lastSeenAt: at, retiredAt: null }
  return db.agent.upsert({
    where: { environmentId_name: { environmentId, name } },
    create: { environmentId, name, ...seen },
    update: seen,
  })
}

/** Agents that are not retired, by name. */
export function agentsOf(db: Db, environmentId?: string): Promise<AgentRow[]> {
  return db.agent.findMany({
    where: { retiredAt: null, ...(environmentId !== undefined && { environmentId }) },
    orderBy: [{ environmentId: 'asc' }, { name: 'asc' }],
  })
}

export function agentById(db: Db, id: string): Promise<AgentRow | null> {
  return db.agent.findUnique({ where: { id } })
}

/** `status` is JSON of the fleet's own; only it reads it back. */
export async function saveAgentStatus(
  db: Db,
  id: string,
  status: Prisma.InputJsonObject,
  lastSeenAt: Date,
): Promise<void> {
  await db.agent.updateMany({ where: { id }, data: { status, lastSeenAt } })
}

export async function markAgentRetired(db: Db, id: string, at: Date): Promise<boolean> {
  const { count } = await db.agent.updateMany({ where: { id, retiredAt: null }, data: { retiredAt: at } })
  return count === 1
}

/** Those of the given tokens that are revoked or gone. */
export async function endedTokens(db: Db, tokenIds: readonly string[]): Promise<string[]> {
  const valid = await db.agentToken.findMany({
    where: { id: { in: [...tokenIds] }, revokedAt: null },
    select: { id: true },
  })
  const still = new Set(valid.map((token) => token.id))
  return tokenIds.filter((id) => !still.has(id))
}

/** Notes an emergency as recorded; false when it was already. */
export async function noteEmergency(db: Db, id: string, agentId: string): Promise<boolean> {
  const { count } = await db.recordedEmergency.createMany({ data: { id, agentId }, skipDuplicates: true })
  return count === 1
}
