import { createHash } from 'node:crypto'
import { ServerResponse, type ClientRequest, type IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import httpProxy from 'http-proxy'
import { writeAnswerHead } from './answer-head.ts'
import { answerProblem, type ProblemAnswer } from './answer-problem.ts'
import { checkRequest, valueOf } from './check-request.ts'
import { peerAddress, schemeOf } from './client-address.ts'
import { plotCourse, type Course } from './course.ts'
import { createDeadline } from './deadline.ts'
import { ClientGone, ServiceSilent } from './exchange.ts'
import { failureOf } from './failure.ts'
import type { Forwarded, Forwarding } from './forward.ts'
import { requestIdOf, type HandlerParts } from './handle-request.ts'
import { connectionOptions, isDroppedFromAnswer } from './hop-by-hop.ts'
import { timesPassed } from './request-headers.ts'
import type { RequestFault } from './request-lines.ts'
import { UNMAPPED, type Label } from './label.ts'
import { routeRequest, sentBack } from './route-request.ts'
import type { SeenSoFar } from './seen.ts'

export type UpgradeHandler = (
  request: IncomingMessage,
  socket: Socket,
  head: Buffer,
  fault: RequestFault | null,
) => Promise<void>

/**
 * A WebSocket handshake takes the same path and gets the same decision as a request; then the bytes of both
 * sides are joined. Recorded when it is answered, ended when the connection is.
 */
export function upgradeHandler(parts: HandlerParts): UpgradeHandler {
  const { slot, recorder, clock, random, pseudonym } = parts

  return async (request, socket, early, fault) => {
    const started = clock.monotonic()
    let seen: SeenSoFar | null = null
    const record = (
      label: Label,
      { status, failure }: Pick<Forwarded, 'status' | 'failure'>,
      course: Course | null = null,
    ) => {
      recorder.record(
        {
          ...label,
          status,
          failure,
          latencyMs: clock.monotonic() - started,
          bytesIn: 0,
          bytesOut: 0,
          retries: 0,
          fallback: course !== null && course.detour !== null,
          replaced: course?.replaced ?? null,
        },
        seen,
      )
    }
    const response = responseOn(request, socket)
    const refuse = (label: Label, answer: Omit<ProblemAnswer, 'close'>) => {
      answerProblem(response, { ...answer, close: true })
      if (seen !== null) seen.code = answer.code
      record(label, { status: response.statusCode, failure: null })
      return closed(socket)
    }

    if (parts.hasStopped()) return refuse(UNMAPPED, { code: 'agent_revoked' })
    const inForce = slot.current()
    if (inForce === null) return refuse(UNMAPPED, { code: 'no_configuration' })
    if (parts.overload.refusesRequests()) {
      parts.guards.count('', 'overloaded')
      return refuse(UNMAPPED, { code: 'overloaded' })
    }
    const head = checkRequest(request, fault, parts.limits)
    if (head.kind === 'refusal') return refuse(UNMAPPED, head)
    const requestId = requestIdOf(valueOf(head, 'x-request-id'), random)
    const peer = peerAddress(request.socket)
    seen = { head, requestId, peer, route: null, code: null, serviceMs: null, sent: null }

    const { table } = inForce
    const asked = table.auth === null ? null : parts.callers.ask(table, head)
    const caller = asked instanceof Promise ? await asked : asked
    const found = routeRequest(table, head, { peer, now: clock.now(), random, caller })
    const route = sentBack(found, timesPassed(head, pseudonym))
    seen.route = route
    if (route.kind === 'no-route') {
      if (route.refused) parts.guards.count(route.refused.mappingId ?? '', route.refused.code)
      return refuse(route.label, { ...route, requestId })
    }
    const course = plotCourse(
      route,
      { peer, scheme: schemeOf(socket), requestId, expectContinue: false },
      parts,
    )
    if (course.kind === 'refusal') return refuse(route.label, { ...course, requestId })

    seen.sent = course.plan.headers
    const sentAt = clock.monotonic()
    const outcome = await shakeHands(course.plan, request, response, early, parts)
    seen.serviceMs = clock.monotonic() - sentAt
    // A handshake is never tried again: some of it may have been acted upon.
    if (outcome.failure === null && outcome.status !== null) course.afterAnswer(outcome.status, [], false)
    record(route.label, outcome, course)
    await closed(socket)
    course.end(outcome.failure)
  }
}

type Handshake = Pick<Forwarding, 'instance' | 'target' | 'headers' | 'mapBack' | 'added' | 'requestId'>

/** Ends when the client's handshake has been answered, whichever way, or the client has left. */
function shakeHands(
  plan: Handshake,
  request: IncomingMessage,
  response: ServerResponse,
  early: Buffer,
  { clock }: HandlerParts,
): Promise<Pick<Forwarded, 'status' | 'failure'>> {
  const { socket } = request
  return new Promise((resolve) => {
    const asking = openHandshake(plan, request, early)
    const { upgrade: join } = asking
    const deadline = createDeadline(clock)
    let connected = false
    let settled = false
    const settle = (outcome: Pick<Forwarded, 'status' | 'failure'>) => {
      settled = true
      deadline.clear()
      resolve(outcome)
    }
    const fail = (error: Error) => {
      if (settled) return
      asking.request.destroy()
      const { kind, code } = failureOf(error, connected)
      if (kind === 'client-closed') return settle({ status: null, failure: kind })
      answerProblem(response, { code, requestId: plan.requestId, close: true })
      settle({ status: response.statusCode, failure: kind })
    }
    const within = (ms: number) =>
      deadline.set(ms, () => fail(new ServiceSilent(`No answer within ${ms} ms`)))

    within(plan.instance.timeouts.connectMs)
    asking.request.on('socket', (upstream: Socket) => {
      upstream.once('encrypted' in upstream ? 'secureConnect' : 'connect', () => {
        connected = true
        within(plan.instance.timeouts.firstByteMs)
      })
    })
    socket.once('close', () => fail(new ClientGone()))
    asking.request.on('error', fail)
    asking.request.on('response', (answer: IncomingMessage) => {
      settle({ status: answer.statusCode ?? null, failure: null })
      passOn(plan, request, response, answer)
    })
    asking.request.on('upgrade', (answer: IncomingMessage, upstream: Socket, head: Buffer) => {
      if (!isAccepted(request, answer)) {
        upstream.destroy()
        return fail(Object.assign(new Error('bad upgrade'), { code: 'HPE_BAD_UPGRADE' }))
      }
      settle({ status: 101, failure: null })
      response.detachSocket(socket)
      answer.headers = switchedHeaders(answer.rawHeaders, plan.added)
      join(answer, upstream, head)
      // `pipe` passes on an end, not a break.
      upstream.once('close', () => socket.destroySoon())
      socket.once('close', () => upstream.destroySoon())
    })
  })
}

/**
 * http-proxy opens the connection and joins the two sockets. What it makes of the heads and of every answer
 * but a switch is left out: it folds headers, loses the framing of plain answers and answers no failure.
 */
function openHandshake(
  plan: Handshake,
  request: IncomingMessage,
  early: Buffer,
): { request: ClientRequest; upgrade: (answer: IncomingMessage, upstream: Duplex, head: Buffer) => void } {
  const { url, agent } = plan.instance
  const proxy = httpProxy.createProxyServer({})
  let opened: ClientRequest | undefined
  proxy.on('proxyReqWs', (asking) => {
    opened = asking
    asking.on('error', () => {})
    asking.path = plan.target
    for (const name of asking.getHeaderNames()) asking.removeHeader(name)
    const headers = [...plan.headers, 'Connection', 'Upgrade', 'Upgrade', 'websocket']
    for (let i = 0; i < headers.length; i += 2)
      asking.appendHeader(headers[i] as string, headers[i + 1] as string)
  })
  const target = {
    protocol: url.protocol,
    host: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    hostname: url.hostname.replace(/^\[(.*)\]$/, '$1'),
    port: url.port === '' ? undefined : url.port,
  }
  // It would send some of the client's headers at once, whatever is done to them here (an `Expect` makes it).
  const bare: IncomingMessage = Object.create(request, { headers: { value: { upgrade: 'websocket' } } })
  proxy.ws(bare, request.socket, early, { target: target as never, agent, toProxy: true }, () => {})
  if (!opened) throw new Error('http-proxy did not open a request')
  const [join] = opened.listeners('upgrade')
  for (const event of ['upgrade', 'response', 'error']) opened.removeAllListeners(event)
  return {
    request: opened,
    upgrade: join as (answer: IncomingMessage, upstream: Duplex, head: Buffer) => void,
  }
}

/** RFC 6455 section 4.2.2: only a service that understood the handshake can say this. */
function isAccepted(request: IncomingMessage, answer: IncomingMessage): boolean {
  const key = request.headers['sec-websocket-key'] ?? ''
  const expected = createHash('sha1').update(`${key}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`).digest('base64')
  return (
    answer.headers.upgrade?.toLowerCase() === 'websocket' &&
    answer.headers['sec-websocket-accept'] === expected
  )
}

/** The head of a 101 in the service's case and order; http-proxy writes it from an object. */
function switchedHeaders(rawHeaders: readonly string[], added: readonly string[]): Record<string, string[]> {
  const connection = connectionOptions(rawHeaders)
  const kept: Record<string, string[]> = { Connection: ['Upgrade'], Upgrade: ['websocket'] }
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = rawHeaders[i] as string
    if (isDroppedFromAnswer(name.toLowerCase(), connection)) continue
    ;(kept[name] ??= []).push(rawHeaders[i + 1] as string)
  }
  for (let i = 0; i < added.length; i += 2) (kept[added[i] as string] ??= []).push(added[i + 1] as string)
  return kept
}

/** An answer that is no switch is passed on as HTTP, and the connection ends with it. */
function passOn(
  plan: Handshake,
  request: IncomingMessage,
  response: ServerResponse,
  answer: IncomingMessage,
): void {
  const { statusCode: status = 502, statusMessage: reason = '', rawHeaders } = answer
  // A 426 says what to switch to (RFC 9110 section 15.5.22).
  const wanted = answer.headers.upgrade
  const added = wanted === undefined ? plan.added : [...plan.added, 'Upgrade', wanted]
  writeAnswerHead(request, response, {
    status,
    reason,
    rawHeaders,
    mapBack: plan.mapBack,
    added,
    close: true,
    trailers: false,
  })
  answer.on('error', () => response.destroy())
  response.on('close', () => answer.destroy())
  answer.pipe(response)
}

/** After an upgrade Node hands out the bare socket; until a switch it speaks HTTP. */
function responseOn(request: IncomingMessage, socket: Socket): ServerResponse {
  const response = new ServerResponse(request)
  response.on('error', () => {})
  response.assignSocket(socket)
  response.shouldKeepAlive = false
  response.once('finish', () => socket.destroySoon())
  return response
}

function closed(socket: Socket): Promise<void> {
  return new Promise((resolve) => {
    if (socket.destroyed) resolve()
    else socket.once('close', () => resolve())
  })
}
