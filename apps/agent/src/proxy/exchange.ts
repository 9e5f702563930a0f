import type { InstancePool } from '../services/instance-pool.ts'
import type { RequestHead } from './check-request.ts'
import type { RequestBody } from './request-body.ts'

/** A request as it goes to a service, ready to be written. */
export interface OutgoingRequest {
  readonly instance: InstancePool
  readonly method: string
  /** Path and query, or `*`. */
  readonly target: string
  /** Flat list without framing; `Host` first. */
  readonly headers: readonly string[]
  readonly framing: RequestHead['body']
  /** Null when nothing follows the head. */
  readonly body: RequestBody | null
}

/** What hears of the service's answer, in this order; after `end` or `fail` nothing more. */
export interface AnswerSink {
  /** A connection is there, and the head is about to be written. */
  begun(): void
  /** An answer before the answer: the service wants the body (100), has hints (103), or whatever else is 1xx. */
  interim(status: number, reason: string, rawHeaders: readonly string[]): void
  /** May throw when the head cannot be passed on; the answer then fails. */
  head(status: number, reason: string, rawHeaders: readonly string[]): void
  /** False: send no more before `resume`. */
  data(chunk: Buffer): boolean
  /** With the fields that came after the body. */
  end(rawTrailers: readonly string[]): void
  /** `sent`: bytes of the request may have reached the service. */
  fail(error: Error, sent: boolean): void
}

/** An exchange under way. Both acts do nothing once it is over. */
export interface Sending {
  abort(): void
  resume(): void
}

/** One way to put a request on the wire. */
export type Send = (request: OutgoingRequest, sink: AnswerSink) => Sending

/** Why we end an exchange whose client has left. */
export class ClientGone extends Error {
  override readonly name = 'ClientGone'
}

/** Why we end an exchange whose client sends its body too slowly. */
export class ClientSlow extends Error {
  override readonly name = 'ClientSlow'
}

/** The service switched though nobody asked (RFC 9110 section 7.8), or answered with what is no status. */
export class BadStatus extends Error {
  override readonly name = 'BadStatus'
}

export function isPassedOn(status: number): boolean {
  return status >= 100 && status !== 101
}

/** A limit of ours passed while waiting for the service. */
export class ServiceSilent extends Error {
  override readonly name = 'ServiceSilent'
}

/** Why we end an exchange whose body grew larger than the mapping allows. */
export class BodyTooLarge extends Error {
  override readonly name = 'BodyTooLarge'
}

/** All connections were busy for too long. */
export class QueueFull extends Error {
  override readonly name = 'QueueFull'
}
