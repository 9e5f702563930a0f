import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Callers } from '../callers/callers.ts'
import type { ConfigSlot } from '../config/config-slot.ts'
import type { Guards } from '../resilience/guards.ts'
import type { OverloadMonitor } from '../resilience/overload-monitor.ts'
import type { ServicePools } from '../services/service-pools.ts'
import type { Recorder } from '../stats/recorder.ts'
import { answerProblem, type ProblemAnswer } from './answer-problem.ts'
import { asksForWebSocket, checkRequest, hasBody, valueOf } from './check-request.ts'
import { peerAddress, schemeOf } from './client-address.ts'
import { plotCourse, type Course } from './course.ts'
import { forward, type Forwarded } from './forward.ts'
import type { HttpLimits } from './http-limits.ts'
import { lingerOver } from './linger.ts'
import { timesPassed } from './request-headers.ts'
import type { RequestFault } from './request-lines.ts'
import { isRequestId, randomHex } from './request-id.ts'
import { UNMAPPED, type Label } from './label.ts'
import { routeRequest, sentBack } from './route-request.ts'
import type { SeenSoFar } from './seen.ts'

export interface HandlerParts {
  readonly slot: ConfigSlot
  readonly recorder: Recorder
  readonly services: ServicePools
  readonly guards: Guards
  readonly callers: Pick<Callers, 'ask'>
  readonly overload: OverloadMonitor
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  /** Our name in `Via`. */
  readonly pseudonym: string
  readonly limits: HttpLimits
  /** Whether connections are to end after their next answer. */
  readonly closing: () => boolean
  /** Revoked for longer than it may serve. */
  readonly hasStopped: () => boolean
}

/** What is known about a request besides what Node's parser tells. */
export interface Arrival {
  /** What the client's `Expect` header asks for: to be told to go on, or something nobody can meet. */
  readonly expectation: 'none' | 'continue' | 'unknown'
  readonly fault: RequestFault | null
}

export type RequestHandler = (
  request: IncomingMessage,
  response: ServerResponse,
  arrival: Arrival,
) => Promise<void>

/** The data path, start to end: check, route, plot a course, forward, record. What is hard lives behind those verbs. */
export function requestHandler(parts: HandlerParts): RequestHandler {
  const { slot, recorder, overload, clock, random, pseudonym, closing } = parts

  return async (request, response, { expectation, fault }) => {
    const started = clock.monotonic()
    let seen: SeenSoFar | null = null
    const record = (label: Label, forwarded: Forwarded, course: Course | null = null) => {
      const { status, failure, bytesIn, bytesOut } = forwarded
      recorder.record(
        {
          ...label,
          status,
          failure: course?.blame ?? failure,
          latencyMs: clock.monotonic() - started,
          bytesIn,
          bytesOut,
          retries: course?.retries ?? 0,
          fallback: course !== null && course.detour !== null,
          replaced: course?.replaced ?? null,
        },
        seen,
      )
    }
    const refuse = async (label: Label, answer: ProblemAnswer) => {
      if (seen !== null) seen.code = answer.code
      record(label, await refuseRequest(request, response, answer, clock))
    }

    if (parts.hasStopped()) return refuse(UNMAPPED, { code: 'agent_revoked', close: true })
    const inForce = slot.current()
    if (inForce === null) return refuse(UNMAPPED, { code: 'no_configuration', close: closing() })
    if (overload.refusesRequests()) {
      parts.guards.count('', 'overloaded')
      return refuse(UNMAPPED, { code: 'overloaded', close: true })
    }
    const head = checkRequest(request, fault, parts.limits)
    if (head.kind === 'refusal') return refuse(UNMAPPED, { ...head, close: head.close || closing() })
    const requestId = requestIdOf(valueOf(head, 'x-request-id'), random)
    const peer = peerAddress(request.socket)
    seen = { head, requestId, peer, route: null, code: null, serviceMs: null, sent: null }
    const no = (label: Label, answer: Omit<ProblemAnswer, 'requestId' | 'close'>) =>
      refuse(label, { ...answer, requestId, close: closing() })
    if (expectation === 'unknown') {
      return refuse(UNMAPPED, { code: 'expectation_failed', requestId, close: true })
    }
    if (hasBody(head) && asksForWebSocket(request))
      return no(UNMAPPED, { code: 'bad_request', detail: UPGRADE_BODY })

    const { table } = inForce
    const asked = table.auth === null ? null : parts.callers.ask(table, head)
    const caller = asked instanceof Promise ? await asked : asked
    const found = routeRequest(table, head, { peer, now: clock.now(), random, caller })
    const route = sentBack(found, timesPassed(head, pseudonym))
    seen.route = route
    if (route.kind === 'no-route') {
      if (route.refused) parts.guards.count(route.refused.mappingId ?? '', route.refused.code)
      return no(route.label, route)
    }
    const expectContinue = expectation === 'continue' && hasBody(head)
    const course = plotCourse(
      route,
      { peer, scheme: schemeOf(request.socket), requestId, expectContinue },
      parts,
    )
    if (course.kind === 'refusal') {
      return refuse(route.label, { ...course, requestId, close: course.close === true || closing() })
    }

    seen.sent = course.plan.headers
    const sentAt = clock.monotonic()
    const forwarded = await forward(course, request, response, { clock, closing, limits: parts.limits })
    seen.serviceMs = clock.monotonic() - sentAt
    record(route.label, forwarded, course)
  }
}

const UPGRADE_BODY = 'An upgrade has no body'

/** Kept if well formed, else made (rule 6). */
export function requestIdOf(given: string | undefined, random: () => number): string {
  return given !== undefined && isRequestId(given) ? given : randomHex(16, random)
}

/** Answers with a problem and ends when the client has it or has left. */
function refuseRequest(
  request: IncomingMessage,
  response: ServerResponse,
  answer: ProblemAnswer,
  clock: Clock,
): Promise<Forwarded> {
  return new Promise((resolve) => {
    const finish = () => {
      const gone = !response.writableFinished
      if (!request.complete) lingerOver(request, clock)
      const status = response.headersSent ? response.statusCode : null
      resolve({ status, failure: gone ? 'client-closed' : null, bytesIn: 0, bytesOut: 0 })
    }
    if (request.socket.destroyed) return finish()
    response.once('close', finish)
    answerProblem(response, answer)
  })
}
