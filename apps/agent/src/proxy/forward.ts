import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'
import { writeAnswerHead, writeEarlyHints, type AnswerHead } from './answer-head.ts'
import { answerProblem } from './answer-problem.ts'
import { hasBody, type RequestHead } from './check-request.ts'
import type { AnswerSink, OutgoingRequest, Sending } from './exchange.ts'
import { failureOf } from './failure.ts'
import { lingerOver } from './linger.ts'
import { RequestBody } from './request-body.ts'
import { sendPooled } from './send-pooled.ts'
import { singleSender } from './send-single.ts'

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

/**
 * Sends a request to an instance and its answer to the client, streaming both ways with back-pressure. Ends when
 * the client has everything or either side has left; never rejects. `closing` says whether the connection is to
 * end after the answer.
 */
export function forward(
  plan: Forwarding,
  request: IncomingMessage,
  response: ServerResponse,
  parts: { readonly clock: Clock; readonly closing: () => boolean },
): Promise<Forwarded> {
  const { head, instance, target, headers, expectContinue } = plan
  const body = hasBody(head) ? new RequestBody(request) : null
  let failure: FailureKind | null = null
  let bytesOut = 0
  let continued = !expectContinue
  let delimitedByClose = false
  let over = false

  const sink: AnswerSink = {
    interim(status, rawHeaders) {
      if (status === 103) writeEarlyHints(request, response, rawHeaders)
      if (status !== 100 || continued || response.headersSent) return
      continued = true
      response.writeContinue()
    },
    head(status, reason, rawHeaders) {
      // A client never told to go on may or may not send the body: the connection cannot be used again.
      const close = parts.closing() || (!continued && !request.complete)
      delimitedByClose = writeAnswerHead(request, response, { ...plan, status, reason, rawHeaders, close })
      // Together with the first bytes of the body if they are there, else now: the client may be waiting.
      queueMicrotask(() => {
        if (bytesOut === 0 && !response.writableEnded) response.flushHeaders()
      })
    },
    data(chunk) {
      bytesOut += chunk.length
      return response.write(chunk)
    },
    end() {
      response.end()
    },
    fail(error, sent) {
      if (over) return
      const { kind, code } = failureOf(error, sent)
      failure ??= kind
      if (kind === 'client-closed' || response.headersSent)
        return breakOff(request, response, delimitedByClose)
      answerProblem(response, { code, requestId: plan.requestId, close: parts.closing() || !continued })
    },
  }

  return new Promise((resolve) => {
    let sending: Sending | null = null
    const finish = () => {
      over = true
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
    response.on('drain', () => sending?.resume())
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
