/** Why a request failed without (or despite) an answer. */
export type Failure = 'connect' | 'timeout' | 'reset' | 'protocol' | 'client-closed' | 'tls'
export const FAILURES = [
  'connect',
  'timeout',
  'reset',
  'protocol',
  'client-closed',
  'tls',
] as const satisfies readonly Failure[]

/** Counts for one series over one window. Adding two is the only operation. */
export interface Tally {
  readonly requests: number
  /** Answers of the service by status class: 1xx…5xx, at index 0…4. */
  readonly statuses: readonly [number, number, number, number, number]
  readonly failures: Readonly<Record<Failure, number>>
  readonly fallbacks: number
  /** How often a breaker of this side opened. */
  readonly breakerOpenings: number
  readonly retries: number
  readonly bytesIn: number
  readonly bytesOut: number
}

export function emptyTally(): Tally {
  return {
    requests: 0,
    statuses: [0, 0, 0, 0, 0],
    failures: { connect: 0, timeout: 0, reset: 0, protocol: 0, 'client-closed': 0, tls: 0 },
    fallbacks: 0,
    breakerOpenings: 0,
    retries: 0,
    bytesIn: 0,
    bytesOut: 0,
  }
}

export function addTally(a: Tally, b: Tally): Tally {
  const [a1, a2, a3, a4, a5] = a.statuses
  const [b1, b2, b3, b4, b5] = b.statuses
  return {
    requests: a.requests + b.requests,
    statuses: [a1 + b1, a2 + b2, a3 + b3, a4 + b4, a5 + b5],
    failures: {
      connect: a.failures.connect + b.failures.connect,
      timeout: a.failures.timeout + b.failures.timeout,
      reset: a.failures.reset + b.failures.reset,
      protocol: a.failures.protocol + b.failures.protocol,
      'client-closed': a.failures['client-closed'] + b.failures['client-closed'],
      tls: a.failures.tls + b.failures.tls,
    },
    fallbacks: a.fallbacks + b.fallbacks,
    breakerOpenings: a.breakerOpenings + b.breakerOpenings,
    retries: a.retries + b.retries,
    bytesIn: a.bytesIn + b.bytesIn,
    bytesOut: a.bytesOut + b.bytesOut,
  }
}

/**
 * 5xx answers, timeouts, connection and protocol failures (rule 15); a client that leaves is no error. A request
 * counts once, also where a 5xx answer broke off.
 */
export function errorsOf({ requests, statuses, failures }: Tally): number {
  const { connect, timeout, reset, protocol, tls } = failures
  return Math.min(requests, statuses[4] + connect + timeout + reset + protocol + tls)
}
