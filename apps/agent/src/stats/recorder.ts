import type { FailureKind, Via } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'

/** What became of one request, said once, when it has ended. */
export interface Outcome {
  /** Null for unmapped traffic that went to a default service (then `side` is legacy, `via` default). */
  readonly mappingId: string | null
  /** The side the decision chose, also when the other one answered in its place. */
  readonly side: Side
  readonly via: Via
  /** Of the answer the client got; null when none began. */
  readonly status: number | null
  readonly failure: FailureKind | null
  /** From the last byte of the request's head to the first byte of the answer's head, in ms. */
  readonly latencyMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** How often it was tried again. */
  readonly retries: number
  /** The other side answered in place of this one. */
  readonly fallback: boolean
}

export interface Recorder {
  record(outcome: Outcome): void
}
