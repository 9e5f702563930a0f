import type { Me } from '@crossfade/contracts/api/people'
import type { Access } from '@crossfade/contracts/roles'

/** Who is asking: a person with a session or a machine with a token. */
export interface Principal {
  readonly kind: 'user' | 'token'
  readonly id: string
  readonly name: string
  readonly email: string | null
  readonly access: Access
  /** Hash of the session's id; null for tokens. */
  readonly sessionId: string | null
  /** True when the database did not answer and this is what we remember: good for a roll back, nothing else. */
  readonly remembered: boolean
}

export function meOf(principal: Principal): Me {
  const { kind, id, name, email, access } = principal
  return { kind, id, name, email, access }
}

/** Somebody's rights ended: feeds and links that rest on them must close. */
export type Ended = { readonly kind: 'user' | 'session' | 'token' | 'agent-token'; readonly id: string }
