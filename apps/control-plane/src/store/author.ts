import type { Change } from '@crossfade/contracts/api/changes'
import { everywhere, type Access } from '@crossfade/contracts/roles'

/** Who acts, from where, in which request: goes into every audit row of the act. */
export interface Author {
  readonly actor: Change['actor']
  readonly source: Change['source']
  readonly requestId: string | null
}

/** Who acts, with what they may do: for acts that give rights to others. */
export interface Granter extends Author {
  readonly access: Access
}

/** One audit row to be, written in the act's own transaction. `before` and `after` are views. */
export interface ChangeDraft {
  /** `mapping.create`, `group.share` … */
  readonly act: string
  readonly object: { readonly kind: string; readonly id: string; readonly name: string }
  readonly before: unknown
  readonly after: unknown
  readonly reason?: string | null
  /** Ids of other objects whose history this belongs to. */
  readonly alsoTouches?: readonly string[]
  /** Where one transaction holds acts of several: whose this one is; the author's when left out. */
  readonly actor?: Change['actor']
  readonly source?: Change['source']
}

/** The control plane itself, for what nobody asked for. */
export const systemAuthor: Granter = {
  actor: { kind: 'system', id: 'control-plane', name: 'Control plane' },
  source: 'system',
  requestId: null,
  access: everywhere('admin'),
}
