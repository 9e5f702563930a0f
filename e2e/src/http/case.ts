import type { Heard, Step } from './raw-exchange.ts'
import type { Behaviour, OriginConnection } from './recording-origin.ts'

/** What a case left behind on all sides. */
export interface Outcome extends Heard {
  /** At the default service, without the canary's. */
  readonly upstream: readonly OriginConnection[]
  /** At the service of the `/admin` mapping. */
  readonly admin: readonly OriginConnection[]
  readonly endedAt: number
}

/** One numbered case: bytes, what the origin does with what reaches it, and what must come of it. */
export interface HttpCase {
  readonly id: string
  readonly send: readonly Step[]
  /** Answers with path and length if absent. */
  readonly origin?: Behaviour
  readonly expect: Expected
}

export interface Expected {
  /** One entry per final answer; several statuses where the RFC leaves the choice. */
  readonly answers: readonly (number | readonly number[])[]
  /** The agent ends the connection. Absent: either. */
  readonly closes?: boolean
  /** Ending the connection without an answer is as good. */
  readonly bareCloseToo?: boolean
  /** Whole requests at the default service, the canary not counted. */
  readonly upstream: number
  /** Heads that got there; the number of whole ones if absent. */
  readonly begun?: number
  readonly withinMs?: number
  /** What else must hold; throws when it does not. */
  readonly also?: (outcome: Outcome) => void
}

/** Status 400 (or others), the connection closed, nothing forwarded. */
export function refused(status: number | readonly number[] = 400, also?: Expected['also']): Expected {
  return { answers: [status], closes: true, bareCloseToo: true, upstream: 0, ...(also && { also }) }
}

/** As `refused`, but the service may have seen the beginning; never the end. */
export function brokenOff(status: number | readonly number[] = [400]): Expected {
  return { answers: [status], closes: true, bareCloseToo: true, upstream: 0, begun: 1 }
}

/** Served once, like any request. */
export function served(status: number | readonly number[] = 200, also?: Expected['also']): Expected {
  return { answers: [status], upstream: 1, ...(also && { also }) }
}

export const P = 'POST /a HTTP/1.1\r\nHost: t\r\n'
export const G = 'GET /a HTTP/1.1\r\nHost: t\r\n'
export const K = `${P}Transfer-Encoding: chunked\r\n\r\n`
export const SM = 'GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n'
export const LINES = 'a:\r\n'.repeat(2_100)
