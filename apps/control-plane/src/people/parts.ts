import type { KeyChain } from '@crossfade/contracts/snapshot'
import type { Clock } from '@crossfade/runtime/clock'
import { toPage, type Page } from '../store/page.ts'
import type { Store } from '../store/store.ts'
import type { Passwords } from './password.ts'
import type { Ended } from './principal.ts'

/** What everything about people needs. */
export interface PeopleParts {
  readonly store: Store
  readonly clock: Clock
  readonly passwords: Passwords
  /** Without trailing slash; where links point. */
  readonly publicUrl: string
  /** The control plane's own: the fingerprint of the newest goes into agent tokens. */
  readonly keys: KeyChain
  readonly credentialLifeMs: number
  readonly ended: (ended: Ended) => void
}

/** `rows` were asked for with one more than `limit`, to see whether there is a next page. */
export function pageOfRows<R extends { readonly id: string }, T>(
  rows: R[],
  limit: number,
  view: (row: R) => T,
): Page<T> {
  const { items, nextCursor } = toPage(rows, limit, (row) => row.id)
  return { items: items.map(view), nextCursor }
}
