import type { KeyChain } from '@crossfade/contracts/snapshot'
import type { Clock } from '@crossfade/runtime/clock'
import { systemAuthor } from '../store/author.ts'
import { administrators } from '../store/people-users.ts'
import type { Store } from '../store/store.ts'
import { createAgents, type Agents } from './agents.ts'
import { createAgentTokens, type AgentTokens } from './agent-tokens.ts'
import { createApiTokens, type ApiTokens } from './api-tokens.ts'
import { createLinks, type IssuedLink, type Links } from './links.ts'
import type { PeopleParts } from './parts.ts'
import { createPasswords, type PasswordCost } from './password.ts'
import type { Ended } from './principal.ts'
import { createSessions, type Sessions } from './sessions.ts'
import { createUsers, type Users } from './users.ts'

/** Who may come in: people with sessions, programs with API tokens, agents with keys of their own. */
export interface People {
  readonly users: Users
  readonly sessions: Sessions
  readonly links: Links
  readonly apiTokens: ApiTokens
  readonly agentTokens: AgentTokens
  readonly agents: Agents
  hasAdministrator(): Promise<boolean>
  /** For the program itself: the link printed at start, or by `crossfade admin link`. */
  issueLink(purpose: 'first-administrator' | 'sign-in', email?: string): Promise<IssuedLink>
  /** Called when a session, a person's or a token's rights end; the answer unregisters. */
  onEnded(listener: (ended: Ended) => void): () => void
}

const weekMs = 7 * 24 * 3_600_000

export function createPeople(world: {
  readonly store: Store
  readonly clock: Clock
  readonly publicUrl: string
  readonly keys: KeyChain
  readonly credentialLifeMs?: number
  /** Only tests ask for a cheaper one. */
  readonly passwordCost?: PasswordCost
}): People {
  const listeners = new Set<(ended: Ended) => void>()
  const parts: PeopleParts = {
    store: world.store,
    clock: world.clock,
    publicUrl: world.publicUrl,
    keys: world.keys,
    credentialLifeMs: world.credentialLifeMs ?? weekMs,
    passwords: createPasswords(world.passwordCost),
    ended: (what) => {
      for (const listener of listeners) listener(what)
    },
  }
  const sessions = createSessions(parts)
  const links = createLinks(parts, sessions)
  const agentTokens = createAgentTokens(parts)
  return {
    sessions,
    links,
    agentTokens,
    users: createUsers(parts, sessions, links),
    apiTokens: createApiTokens(parts),
    agents: createAgents(parts, agentTokens),
    hasAdministrator: async () => (await world.store.read(administrators)).length > 0,
    issueLink: (purpose, email) => links.issue(systemAuthor, purpose, email),
    onEnded(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
  }
}
