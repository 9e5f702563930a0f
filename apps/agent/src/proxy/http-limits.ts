/** How much and how slowly a client may send. Times in ms, sizes in bytes. */
export interface HttpLimits {
  /** From the first byte of a request until its head is whole; also how long a new connection may stay silent. */
  readonly headerMs: number
  /** How long a connection may wait for its next request. */
  readonly keepAliveMs: number
  /** A request's line and headers together. */
  readonly headBytes: number
  readonly headLines: number
  /** A body must bring `bodyBytesPerSecond` on average over each `bodyGraceMs` in which we were ready to take it. */
  readonly bodyGraceMs: number
  readonly bodyBytesPerSecond: number
  /** How long a client may take nothing of an answer that is waiting for it. */
  readonly stallMs: number
}

export const defaultLimits: HttpLimits = {
  headerMs: 10_000,
  keepAliveMs: 65_000,
  headBytes: 32 * 1024,
  headLines: 200,
  bodyGraceMs: 10_000,
  bodyBytesPerSecond: 500,
  stallMs: 60_000,
}
