import type { AgentRow } from './fleet.ts'
import type { Db } from './store.ts'

/** Agents that belong to a fleet and were seen since then: whoever is away or refused something is among them. */
export function agentsSeenSince(db: Db, since: Date): Promise<AgentRow[]> {
  return db.agent.findMany({ where: { lastSeenAt: { gte: since }, retiredAt: null, revokedAt: null } })
}
