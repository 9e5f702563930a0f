import type { AgentView } from '@crossfade/contracts/api/agents'
import type { Among } from '../store/page.ts'
import type { Author } from '../store/author.ts'

/** All agents ever seen: what the database remembers and what their links say now. */
export interface Fleet {
  views(among: Among): Promise<AgentView[]>
  /** Throws `not_found`. */
  view(id: string): Promise<AgentView>
  /** Its link ends on every control plane within seconds, and it needs a newer token to come back. */
  revoke(author: Author, id: string, reason: string | null): Promise<void>
  /** Takes an agent off the list, and ends its link and credentials. */
  retire(author: Author, id: string): Promise<void>
  /** Ends a break-glass roll back (rule 19); `agent_offline` while it is away. */
  clearEmergency(author: Author, agentId: string, emergencyId: string): Promise<void>
  /** Hears of agents that were revoked or retired here. */
  onEnded(listener: (agentId: string) => void): () => void
  onView(listener: (view: AgentView) => void): () => void
}
