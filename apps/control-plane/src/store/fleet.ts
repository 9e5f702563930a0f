import type { Agent, AgentCredential, Prisma } from './generated/client.ts'
import type { Db } from './store.ts'

/** Rows of agents: what the database remembers of them. */
export type AgentRow = Agent
/** With its newest credential, if it has one that was not revoked. */
export type AgentWithCredential = Agent & { readonly credentials: AgentCredential[] }

const withNewest = {
  credentials: { where: { revokedAt: null }, orderBy: { issuedAt: 'desc' }, take: 1 },
} as const satisfies Prisma.AgentInclude

/** A link that claims to be the agent's. */
export interface Claim {
  readonly agentId: string
  readonly linkId: string
  readonly boot: string
  readonly version: string
  readonly at: Date
}

export type Claimed =
  | { readonly kind: 'live'; readonly row: AgentWithCredential }
  /** A process that was pushed out by a newer one is back while that one lives: two have one identity. */
  | { readonly kind: 'duplicate' | 'gone' }

/** A live agent is saved more often than this; without news it has no link, whatever the row says. */
export const linkFreshMs = 90_000

/** Makes this link the one that counts, among all control planes. */
export async function claimLink(db: Db, { agentId, linkId, boot, version, at }: Claim): Promise<Claimed> {
  const now = await lockedAgent(db, agentId)
  if (now === null || now.retiredAt !== null || now.revokedAt !== null) return { kind: 'gone' }
  const isAnother = hasLink(now, at) && now.liveBoot !== boot
  if (isAnother && now.replacedBoot === boot) {
    await db.agent.update({ where: { id: agentId }, data: { duplicateAt: at } })
    return { kind: 'duplicate' }
  }
  const row = await db.agent.update({
    where: { id: agentId },
    data: {
      version,
      connectedAt: at,
      lastSeenAt: at,
      liveLink: linkId,
      liveBoot: boot,
      replacedBoot: isAnother ? now.liveBoot : now.replacedBoot,
    },
    include: withNewest,
  })
  return { kind: 'live', row }
}

export async function releaseLink(db: Db, id: string, linkId: string): Promise<void> {
  await db.agent.updateMany({ where: { id, liveLink: linkId }, data: { liveLink: null } })
}

export function hasLink(row: AgentRow, at: Date): boolean {
  return (
    row.liveLink !== null && row.lastSeenAt !== null && at.getTime() - row.lastSeenAt.getTime() < linkFreshMs
  )
}

export interface LinkOf {
  readonly agentId: string
  readonly linkId: string
}

export interface EndedLink extends LinkOf {
  readonly why: 'revoked' | 'replaced'
}

/** Those links that must end: of agents revoked, retired or gone, and those that another one replaced. */
export async function endedLinks(db: Db, links: readonly LinkOf[]): Promise<readonly EndedLink[]> {
  const ids = links.map(({ agentId }) => agentId)
  const rows = await db.agent.findMany({
    where: { id: { in: ids } },
    select: { id: true, liveLink: true, revokedAt: true, retiredAt: true },
  })
  const byId = new Map(rows.map((row) => [row.id, row]))
  return links.flatMap((link): EndedLink[] => {
    const row = byId.get(link.agentId)
    if (row === undefined || row.revokedAt !== null || row.retiredAt !== null) {
      return [{ ...link, why: 'revoked' }]
    }
    return row.liveLink === link.linkId || row.liveLink === null ? [] : [{ ...link, why: 'replaced' }]
  })
}

/** Finds or makes the agent of this name and locks its row: what follows is decided on what it says. */
export async function agentToJoin(
  db: Db,
  who: { readonly environmentId: string; readonly name: string; readonly tokenId: string },
): Promise<AgentRow> {
  const { environmentId, name } = who
  const { id } = await db.agent.upsert({
    where: { environmentId_name: { environmentId, name } },
    create: who,
    update: {},
    select: { id: true },
  })
  return (await lockedAgent(db, id)) as AgentRow
}

/** An agent that was retired or revoked and joined again is on the list again. */
export async function markJoined(db: Db, id: string, tokenId: string, at: Date): Promise<void> {
  await db.agent.update({
    where: { id },
    data: { tokenId, joinedAt: at, revokedAt: null, retiredAt: null, liveLink: null, replacedBoot: null },
  })
}

/** Agents that are not retired, by name. */
export function agentsOf(db: Db, environmentId?: string): Promise<AgentWithCredential[]> {
  return db.agent.findMany({
    where: { retiredAt: null, ...(environmentId !== undefined && { environmentId }) },
    orderBy: [{ environmentId: 'asc' }, { name: 'asc' }],
    include: withNewest,
  })
}

export function agentById(db: Db, id: string): Promise<AgentWithCredential | null> {
  return db.agent.findUnique({ where: { id }, include: withNewest })
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

/** Agents of the condition that were not revoked before. */
export async function markAgentsRevoked(
  db: Db,
  which: { readonly id: string } | { readonly tokenId: string },
  at: Date,
): Promise<number> {
  const { count } = await db.agent.updateMany({
    where: { ...which, revokedAt: null },
    data: { revokedAt: at },
  })
  return count
}

/** Notes an emergency as recorded; false when it was already. */
export async function noteEmergency(db: Db, id: string, agentId: string): Promise<boolean> {
  const { count } = await db.recordedEmergency.createMany({ data: { id, agentId }, skipDuplicates: true })
  return count === 1
}

async function lockedAgent(db: Db, id: string): Promise<AgentRow | null> {
  await db.$queryRaw`SELECT 1 FROM "Agent" WHERE "id" = ${id} FOR UPDATE`
  return db.agent.findUnique({ where: { id } })
}
