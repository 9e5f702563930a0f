import type { AgentView } from '@crossfade/contracts/api/agents'
import type { Among } from '../store/page.ts'
import type { Author } from '../store/author.ts'

/** All agents ever seen: what the database remembers and what their links say now. */
export interface Fleet {
  views(among: Among): Promise<AgentView[]>
  /** Throws `not_found`. */
  view(id: string): Promise<AgentView>
  /** Takes an agent that is gone off the list; `agent_online` while it is connected. */
  retire(author: Author, id: string): Promise<void>
  /** Ends a break-glass roll back (rule 19); `agent_offline` while it is away. */
  clearEmergency(author: Author, agentId: string, emergencyId: string): Promise<void>
  onView(listener: (view: AgentView) => void): () => void
}
