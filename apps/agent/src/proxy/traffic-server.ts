import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Callers } from '../callers/callers.ts'
import type { ConfigSlot } from '../config/config-slot.ts'
import type { Guards } from '../resilience/guards.ts'
import type { OverloadMonitor } from '../resilience/overload-monitor.ts'
import type { ServicePools } from '../services/service-pools.ts'
import type { Recorder } from '../stats/recorder.ts'
import type { ServerCertificates } from '../tls/server-certificates.ts'
import { problemBytes } from './answer-problem.ts'
import { badBytesHandler } from './bad-bytes.ts'
import { asksForWebSocket } from './check-request.ts'
import { createConnections } from './connections.ts'
import { drainServer, type Door, type DrainLimits } from './drain.ts'
import { requestHandler, type Arrival } from './handle-request.ts'
import type { HttpLimits } from './http-limits.ts'
import { viaPseudonym } from './request-headers.ts'
import { createRequestLines } from './request-lines.ts'
import { createTlsDoor } from './tls-door.ts'
import { upgradeHandler } from './upgrade.ts'

export interface TrafficServerParts {
  readonly slot: ConfigSlot
  readonly recorder: Recorder
  readonly services: ServicePools
  readonly guards: Guards
  readonly callers: Pick<Callers, 'ask'>
  readonly overload: OverloadMonitor
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly agentName: string
  /** A path kept for orchestrators on the traffic port: 200 when ready, else 503; null keeps none. */
  readonly healthPath: string | null
  readonly limits: HttpLimits
  /** Null: no TLS port. */
  readonly certificates: ServerCertificates | null
  isReady(): boolean
  /** Revoked for longer than it may serve: everything is refused. */
  readonly hasStopped: () => boolean
}

export interface TrafficServer {
  readonly server: Server
  /** Ends when connections are accepted; tells the port in use. Fails when the address is taken. */
  listen(address: { readonly host: string; readonly port: number }): Promise<{ host: string; port: number }>
  /** The same for the TLS port; only with certificates. */
  listenTls(address: {
    readonly host: string
    readonly port: number
  }): Promise<{ host: string; port: number }>
  /** Ends when nothing is left. A second call joins the first. */
  drain(limits: DrainLimits): Promise<void>
  draining(): boolean
  /** Ends every connection, whatever is under way. */
  cutOff(): void
  /** Requests and tunnels under way. */
  inFlight(): number
  /** Open client connections. */
  connections(): number
  /** TLS handshakes that came to nothing, since the start. */
  handshakeFailures(): number
}

/** The traffic port of an agent: Node's server with its traps closed, and what happens on each of its events. */
export function createTrafficServer(parts: TrafficServerParts): TrafficServer {
  const { clock, logger, healthPath, limits, overload } = parts
  let drained: Promise<void> | null = null
  const draining = () => drained !== null
  const closing = () => draining() || overload.closesConnections()
  const connections = createConnections({
    clock,
    firstByteMs: limits.headerMs,
    onError: (err) => logger.error({ err }, 'an exchange broke on our side'),
  })
  const handlerParts = { ...parts, pseudonym: viaPseudonym(parts.agentName), closing }
  const handle = requestHandler(handlerParts)
  const upgrade = upgradeHandler(handlerParts)

  const server = createServer({
    maxHeaderSize: limits.headBytes,
    headersTimeout: limits.headerMs,
    // An upload may take as long as it takes.
    requestTimeout: 0,
    keepAliveTimeout: limits.keepAliveMs,
    connectionsCheckingInterval: 500,
    insecureHTTPParser: false,
    // We say it ourselves, as a problem.
    requireHostHeader: false,
    highWaterMark: 64 * 1024,
    // What asks to switch to anything else, or brings a body, is served as the plain request it also is.
    shouldUpgradeCallback: (request) => asksForWebSocket(request) && !announcesBody(request),
  })
  // Node drops header lines beyond its limit without a word; ours is in check-request.ts.
  server.maxHeadersCount = 0

  const lines = createRequestLines((socket) => {
    const error = new Error('Chunk extensions without end')
    server.emit('clientError', Object.assign(error, { code: 'HPE_CHUNK_EXTENSIONS_OVERFLOW' }), socket)
  })
  const serve = (request: IncomingMessage, response: ServerResponse, expectation: Arrival['expectation']) => {
    const fault = lines.faultOf(request)
    if (lines.isLast(request)) response.shouldKeepAlive = false
    const arrival = { expectation, fault }
    if (request.url === healthPath && fault === null) {
      return answerHealth(response, parts.isReady() && !draining())
    }
    return connections.run(request, response, () => handle(request, response, arrival))
  }
  const refuses = () => {
    const refused = overload.refusesConnections()
    if (refused) parts.guards.count('', 'overloaded')
    return refused
  }
  const tls =
    parts.certificates === null
      ? null
      : createTlsDoor({
          certificates: parts.certificates,
          clock,
          logger,
          handshakeMs: limits.headerMs,
          refuses,
          // Node's server reads HTTP from any socket it is given, with all its limits.
          onConnection: (socket) => server.emit('connection', socket),
        })
  server.on('connection', (socket: Socket) => {
    // One that came over TLS was judged before its handshake.
    if (!('encrypted' in socket) && refuses()) return socket.destroy()
    connections.add(socket)
    lines.watch(socket)
  })
  server.on('request', (request, response) => serve(request, response, 'none'))
  server.on('checkContinue', (request, response) => serve(request, response, 'continue'))
  server.on('checkExpectation', (request, response) => serve(request, response, 'unknown'))
  server.on('upgrade', (request: IncomingMessage, socket: Socket, head: Buffer) => {
    const fault = lines.faultOf(request)
    lines.leave(socket)
    connections.run(request, null, () => upgrade(request, socket, head, fault))
  })
  server.on('connect', (_request: IncomingMessage, socket: Socket) => {
    socket.end(problemBytes({ code: 'unsupported_method' }), 'latin1')
  })
  server.on('clientError', badBytesHandler(connections, lines, clock))

  const doors: Door[] = [
    {
      close: () => new Promise((resolve) => server.close(() => resolve())),
      closeIdle: () => server.closeIdleConnections(),
    },
  ]
  if (tls !== null) doors.push({ close: () => tls.close(), closeIdle: () => tls.destroyHandshakes() })

  return {
    server,
    async listen({ host, port }) {
      server.listen(port, host)
      // Rejects when the server says `error` first.
      await once(server, 'listening')
      const bound = server.address() as AddressInfo
      return { host: bound.address, port: bound.port }
    },
    async listenTls(address) {
      if (tls === null) throw new Error('There are no certificates to listen with')
      return tls.listen(address)
    },
    drain: (allowed) => (drained ??= drainServer(doors, connections, allowed, clock, logger)),
    draining,
    cutOff: () => connections.destroyAll(),
    inFlight: () => connections.inFlight(),
    connections: () => connections.size() + (tls?.handshakes() ?? 0),
    handshakeFailures: () => tls?.failures() ?? 0,
  }
}

function announcesBody({ headers }: IncomingMessage): boolean {
  return headers['transfer-encoding'] !== undefined || Number(headers['content-length'] ?? 0) !== 0
}

function answerHealth(response: ServerResponse, ready: boolean): void {
  const body = JSON.stringify({ ready })
  response.writeHead(ready ? 200 : 503, { 'content-type': 'application/json', 'content-length': body.length })
  response.end(body)
}
