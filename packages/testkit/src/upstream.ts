import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { createServer as createSecureServer } from 'node:https'
import type { AddressInfo, Socket } from 'node:net'
import type { Duplex } from 'node:stream'
import type { TlsOptions } from 'node:tls'

/** A request as it arrived, body included. */
export interface Received {
  readonly method: string
  readonly target: string
  readonly httpVersion: string
  /** Flat list of names and values, as on the wire. */
  readonly rawHeaders: readonly string[]
  readonly body: Buffer
  /** First value by lower-case name. */
  header(name: string): string | undefined
}

/** Answers one request; the body has not been read yet. */
export type Answer = (request: IncomingMessage, response: ServerResponse) => void | Promise<void>

/** A programmable HTTP service on a free port of the loopback. */
export interface Upstream {
  readonly url: string
  readonly port: number
  readonly server: Server
  /** Requests whose body has arrived whole, in order. */
  readonly received: readonly Received[]
  /** What it answers from now on; by default 200 `ok`, the body read first. */
  answer(how: Answer): void
  /** What it does with upgrades from now on. */
  onUpgrade(how: (request: IncomingMessage, socket: Duplex, head: Buffer) => void): void
  close(): Promise<void>
}

/** With `tls`, over TLS on those terms. */
export async function startUpstream(first?: Answer, tls?: TlsOptions): Promise<Upstream> {
  const received: Received[] = []
  let answer: Answer = first ?? ((_request, response) => void response.end('ok'))
  const serve = (request: IncomingMessage, response: ServerResponse) => {
    collect(request, (entry) => received.push(entry))
    void Promise.try(answer, request, response).catch(() => response.destroy())
  }
  const server = tls === undefined ? createServer(serve) : createSecureServer(tls, serve)
  server.on('tlsClientError', () => {})
  // Upgraded sockets are no longer the server's, so it would wait for them for ever.
  const sockets = new Set<Socket>()
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `${tls === undefined ? 'http' : 'https'}://127.0.0.1:${port}`,
    port,
    server,
    received,
    answer(how) {
      answer = how
    },
    onUpgrade(how) {
      server.removeAllListeners('upgrade')
      server.on('upgrade', how)
    },
    async close() {
      for (const socket of sockets) socket.destroy()
      if (!server.listening) return
      server.close()
      await once(server, 'close')
    },
  }
}

/** Answers only after the body has arrived, like most services do. */
export function afterBody(then: (body: Buffer, response: ServerResponse) => void): Answer {
  return (request, response) => {
    const chunks: Buffer[] = []
    request.on('data', (chunk: Buffer) => chunks.push(chunk))
    request.on('end', () => then(Buffer.concat(chunks), response))
  }
}

function collect(request: IncomingMessage, done: (entry: Received) => void): void {
  const chunks: Buffer[] = []
  const { rawHeaders } = request
  request.on('data', (chunk: Buffer) => {
    // Enough for every test that looks at bodies; tests that stream much count bytes themselves.
    if (chunks.length < 64) chunks.push(chunk)
  })
  request.on('error', () => {})
  request.on('end', () =>
    done({
      method: request.method ?? '',
      target: request.url ?? '',
      httpVersion: request.httpVersion,
      rawHeaders,
      body: Buffer.concat(chunks),
      header: (name) => {
        const at = rawHeaders.findIndex((entry, i) => i % 2 === 0 && entry.toLowerCase() === name)
        return at < 0 ? undefined : rawHeaders[at + 1]
      },
    }),
  )
}
