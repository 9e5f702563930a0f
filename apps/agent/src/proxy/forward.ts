import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'
import { writeAnswerHead, writeInterim, type AnswerHead } from './answer-head.ts'
import { answerProblem } from './answer-problem.ts'
import { hasBody, type RequestHead } from './check-request.ts'
import { createDeadline } from './deadline.ts'
import type { AnswerSink, OutgoingRequest, Sending } from './exchange.ts'
import { failureOf } from './failure.ts'
import type { HttpLimits } from './http-limits.ts'
import { lingerOver } from './linger.ts'
import { RequestBody } from './request-body.ts'
import { sendPooled } from './send-pooled.ts'
import { singleSender } from './send-single.ts'
import { takesTrailers, writeTrailers } from './trailers.ts'

/** Where a request goes and what is done to its answer. */
export interface Forwarding extends Pick<OutgoingRequest, 'instance' | 'target' | 'headers'> {
  readonly head: RequestHead
  readonly expectContinue: boolean
  readonly requestId: string
  readonly mapBack: AnswerHead['mapBack']
  readonly added: readonly string[]
}

export interface Forwarded {
  /** Of the answer the client got; null when none began. */
  readonly status: number | null
  readonly failure: FailureKind | null
  readonly bytesIn: number
  readonly bytesOut: number
}

export interface ForwardParts {
  readonly clock: Clock
  /** Whether connections are to end after their next answer. */
  readonly closing: () => boolean
  readonly limits: HttpLimits
}

/**
 * Sends a request to an instance and its answer to the client, streaming both ways with back-pressure. Ends when
 * the client has everything or either side has left; never rejects.
 */
export function forward(
  plan: Forwarding,
  request: IncomingMessage,
  response: ServerResponse,
  parts: ForwardParts,
): Promise<Forwarded> {
  const { head, instance, target, headers, expectContinue } = plan
  const body = hasBody(head) ? new RequestBody(request, parts.clock, parts.limits) : null
  const trailers = takesTrailers(head)
  const stalled = createDeadline(parts.clock)
  let failure: FailureKind | null = null
  let bytesOut = 0
  let continued = !expectContinue
  let delimitedByClose = false
  let over = false

  const awaitClient = () =>
    stalled.set(parts.limits.stallMs, () => breakOff(request, response, delimitedByClose))

  const sink: AnswerSink = {
    interim(status, reason, rawHeaders) {
      if (status === 100) {
        continued = true
        body?.expect()
      }
      writeInterim(request, response, status, reason, rawHeaders)
    },
    head(status, reason, rawHeaders) {
      // A client never told to go on may or may not send the body: the connection cannot be used again.
      const close = parts.closing() || (!continued && !request.complete)
      delimitedByClose = writeAnswerHead(request, response, {
        ...plan,
        status,
        reason,
        rawHeaders,
        close,
        trailers,
      })
      // Together with the first bytes of the body if they are there, else now: the client may be waiting.
      queueMicrotask(() => {
        if (bytesOut === 0 && !response.writableEnded) response.flushHeaders()
      })
    },
    data(chunk) {
      bytesOut += chunk.length
      const more = response.write(chunk)
      if (!more) awaitClient()
      return more
    },
    end(rawTrailers) {
      if (trailers) writeTrailers(response, rawTrailers)
      response.end()
      if (request.socket.writableLength > 0) awaitClient()
    },
    fail(error, sent) {
      if (over) return
      const { kind, code } = failureOf(error, sent)
      failure ??= kind
      const gone = kind === 'client-closed' && code !== 'request_timeout'
      if (gone || response.headersSent) return breakOff(request, response, delimitedByClose)
      const close = parts.closing() || !continued || code === 'request_timeout'
      answerProblem(response, { code, requestId: plan.requestId, close })
    },
  }

  return new Promise((resolve) => {
    let sending: Sending | null = null
    const finish = () => {
      over = true
      stalled.clear()
      if (!response.writableFinished) failure ??= 'client-closed'
      sending?.abort()
      body?.destroy()
      if (!request.complete) lingerOver(request, parts.clock)
      const status = response.headersSent ? response.statusCode : null
      resolve({ status, failure, bytesIn: body?.bytes ?? 0, bytesOut })
    }
    if (request.socket.destroyed) return finish()
    response.once('close', finish)
    // Writing to a client that has just left is no error of ours; `close` tells.
    response.on('error', () => {})
    response.on('drain', () => {
      stalled.clear()
      sending?.resume()
    })
    if (!expectContinue) body?.expect()
    const send = expectContinue || target === '*' ? singleSender(parts.clock, expectContinue) : sendPooled
    try {
      sending = send({ instance, method: head.method, target, headers, framing: head.body, body }, sink)
    } catch (error) {
      sink.fail(error as Error, false)
    }
  })
}

/** What the client has is not whole; it must be able to tell (RFC 9112 section 8). */
function breakOff(request: IncomingMessage, response: ServerResponse, delimitedByClose: boolean): void {
  // Where the end of the connection means the end of the answer, only a reset says otherwise.
  if (delimitedByClose && !request.socket.destroyed) request.socket.resetAndDestroy()
  response.destroy()
}
