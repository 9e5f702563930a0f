import type { IncomingMessage, ServerResponse } from 'node:http'
import type { FailureKind } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'
import { writeAnswerHead, writeInterim, type AnswerHead } from './answer-head.ts'
import { answerProblem } from './answer-problem.ts'
import { hasBody, type RequestHead } from './check-request.ts'
import { createDeadline } from './deadline.ts'
import type { Course, Next } from './course.ts'
import { QueueFull, type AnswerSink, type OutgoingRequest, type Sending } from './exchange.ts'
import { failureOf, wasStale } from './failure.ts'
import type { HttpLimits } from './http-limits.ts'
import { lingerOver } from './linger.ts'
import { resetConnection } from './reset-connection.ts'
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

/** Of an answer that is not passed on, this much is read to keep its connection. */
const UNWANTED_BYTES = 64 * 1024

/**
 * Sends a request along its course and one answer to the client, streaming both ways with back-pressure. Ends when
 * the client has everything or either side has left; never rejects.
 */
export function forward(
  course: Course,
  request: IncomingMessage,
  response: ServerResponse,
  parts: ForwardParts,
): Promise<Forwarded> {
  const { head, expectContinue, requestId } = course.plan
  let body = hasBody(head)
    ? new RequestBody(request, parts.clock, parts.limits, course.bodyOptions ?? undefined)
    : null
  const trailers = takesTrailers(head)
  const stalled = createDeadline(parts.clock)
  let cancelPause = () => {}
  let sending: Sending | null = null
  let failure: FailureKind | null = null
  let bytesOut = 0
  let continued = !expectContinue
  let delimitedByClose = false
  let over = false
  /** Of whoever may speak; those before are no longer heard. */
  let turn = 0

  const awaitClient = () =>
    stalled.set(parts.limits.stallMs, () => breakOff(request, response, delimitedByClose))
  const replayable = () => body === null || body.isReplayable

  const goOn = ({ plan, fresh, waitMs }: Next) => {
    if (body !== null) body = body.again()
    turn += 1
    if (waitMs === 0) begin(plan, fresh)
    else cancelPause = parts.clock.after(waitMs, () => begin(plan, fresh))
  }

  const sinkOf = (plan: Forwarding): AnswerSink => {
    const mine = ++turn
    const patience = patienceFor(mine, course.patienceMs)
    let left: Sending | null = null
    let unwanted = 0
    return {
      begun: () => patience?.clear(),
      interim(status, reason, rawHeaders) {
        if (mine !== turn) return
        if (status === 100) {
          // A client is told once, however often its request is sent.
          if (continued && expectContinue) return
          continued = true
          body?.expect()
        }
        writeInterim(request, response, status, reason, rawHeaders)
      },
      head(status, reason, rawHeaders) {
        if (mine !== turn) return
        const next = course.afterAnswer(status, rawHeaders, replayable())
        if (next !== null) {
          left = sending
          return goOn(next)
        }
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
        if (mine !== turn) {
          unwanted += chunk.length
          if (unwanted > UNWANTED_BYTES) left?.abort()
          return true
        }
        bytesOut += chunk.length
        const more = response.write(chunk)
        if (!more) awaitClient()
        return more
      },
      end(rawTrailers) {
        if (mine !== turn) return
        if (trailers) writeTrailers(response, rawTrailers)
        response.end()
        if (request.socket.writableLength > 0) awaitClient()
      },
      fail(error, sent) {
        patience?.clear()
        if (over || mine !== turn) return
        const { kind, code } = failureOf(error, sent)
        if (!response.headersSent) {
          const stale = kind === 'reset' && wasStale(error)
          // Waiting in the same queue once more would help nobody.
          const maybeSent = sent || error instanceof QueueFull
          const next = course.afterFailure(kind, maybeSent, stale, replayable())
          if (next !== null) return goOn(next)
        }
        failure ??= kind
        const theirs = code === 'request_timeout' || code === 'body_too_large'
        const gone = kind === 'client-closed' && !theirs
        if (gone || response.headersSent) return breakOff(request, response, delimitedByClose)
        answerProblem(response, { code, requestId, close: parts.closing() || !continued || theirs })
      },
    }
  }

  /** Null nearly always: there is a connection. */
  const patienceFor = (mine: number, ms: number | null) => {
    if (ms === null) return null
    const waiting = createDeadline(parts.clock)
    waiting.set(ms, () => {
      if (mine !== turn) return
      const unsent = sending
      sink?.fail(new QueueFull('All connections to the service stayed busy'), false)
      unsent?.abort()
    })
    return waiting
  }

  let sink: AnswerSink | null = null
  const begin = (plan: Forwarding, fresh: boolean) => {
    const own = sinkOf(plan)
    const mine = turn
    sink = own
    const { instance, target, headers } = plan
    const single = fresh || expectContinue || target === '*'
    const send = single ? singleSender(parts.clock, expectContinue) : sendPooled
    try {
      const begun = send({ instance, method: head.method, target, headers, framing: head.body, body }, own)
      if (mine === turn) sending = begun
    } catch (error) {
      own.fail(error as Error, false)
    }
  }

  return new Promise((resolve) => {
    const finish = () => {
      over = true
      stalled.clear()
      cancelPause()
      if (!response.writableFinished) failure ??= 'client-closed'
      sending?.abort()
      body?.destroy()
      if (!request.complete) lingerOver(request, parts.clock)
      const status = response.headersSent ? response.statusCode : null
      course.end(failure)
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
    begin(course.plan, false)
  })
}

/** What the client has is not whole; it must be able to tell (RFC 9112 section 8). */
function breakOff(request: IncomingMessage, response: ServerResponse, delimitedByClose: boolean): void {
  // Where the end of the connection means the end of the answer, only a reset says otherwise.
  if (delimitedByClose && !request.socket.destroyed) resetConnection(request.socket)
  response.destroy()
}
