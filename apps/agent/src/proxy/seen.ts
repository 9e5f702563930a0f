import type { ProblemCode } from '@crossfade/contracts/problems'
import type { RequestHead } from './check-request.ts'
import type { NoRoute, Route } from './route-request.ts'

/** What there is to tell about a request besides its outcome: for the traffic log and the busiest paths. */
export interface Seen {
  readonly head: RequestHead
  readonly requestId: string
  /** RFC 5952 form of the socket's peer. */
  readonly peer: string
  /** Null for what was refused before it could be routed. */
  readonly route: Route | NoRoute | null
  /** Of an answer of our own; null when a service answered. */
  readonly code: ProblemCode | null
  /** How long services were waited for, to the end of their answer; null when none was asked. */
  readonly serviceMs: number | null
  /** The head that was sent to the service, a flat list; null when none was asked. */
  readonly sent: readonly string[] | null
}

/** While it is being filled in. */
export type SeenSoFar = { -readonly [K in keyof Seen]: Seen[K] }
