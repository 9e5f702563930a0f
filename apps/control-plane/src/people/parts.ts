import type { Clock } from '@crossfade/runtime/clock'
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
  /** Raw Ed25519 key of the control plane, base64: its fingerprint goes into agent tokens. */
  readonly publicKey: string
  readonly ended: (ended: Ended) => void
}

export interface PageQuery {
  readonly cursor?: string | undefined
  readonly limit: number
}
export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** `rows` were asked for with one more than `limit`, to see whether there is a next page. */
export function pageOfRows<R extends { readonly id: string }, T>(
  rows: readonly R[],
  limit: number,
  view: (row: R) => T,
): Page<T> {
  const shown = rows.slice(0, limit)
  return {
    items: shown.map(view),
    nextCursor: rows.length > limit ? (shown.at(-1)?.id ?? null) : null,
  }
}
