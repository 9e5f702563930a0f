import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo, Socket } from 'node:net'
import { setTimeout as sleep } from 'node:timers/promises'

/** The ways in which a service can be rude once it has taken a connection. */
export const FAULTS = [
  'hangs-before-headers',
  'hangs-mid-body',
  'resets-mid-body',
  'closes-kept-connection',
  'answers-garbage',
  'answers-early',
  'sends-more',
  'sends-less',
  'drips',
] as const
export type Fault = (typeof FAULTS)[number]

export interface Arrived {
  readonly method: string
  /** What the request carried in `x-nonce`. */
  readonly nonce: string
  readonly fault: Fault | null
}

/**
 * A service that is as rude as it is told to be, and polite otherwise: then it answers with its name, the nonce of
 * the request and the length of its body.
 */
export interface RudeUpstream {
  readonly name: string
  readonly url: string
  readonly server: Server
  /** Every request whose head arrived; `forget` empties it. */
  readonly arrived: Arrived[]
  connections(): number
  close(): Promise<void>
}

/** How long one byte of a dripping answer takes. */
const DRIP_MS = 20

export async function startRudeUpstream(
  name: string,
  faultOf: (request: IncomingMessage) => Fault | null,
): Promise<RudeUpstream> {
  const arrived: Arrived[] = []
  const sockets = new Set<Socket>()
  const served = new WeakMap<Socket, number>()
  const server = createServer((request, response) => {
    const { socket } = request
    const before = served.get(socket) ?? 0
    served.set(socket, before + 1)
    const nonce = String(request.headers['x-nonce'] ?? '')
    const wanted = faultOf(request)
    // Only a connection that was kept can be closed under the next request.
    const fault = wanted === 'closes-kept-connection' && before === 0 ? null : wanted
    arrived.push({ method: request.method ?? '', nonce, fault })
    if (fault !== null) {
      request.on('error', () => {})
      if (fault !== 'answers-early' && fault !== 'closes-kept-connection') request.resume()
      const text = answerText(name, nonce, 0)
      // The only one whose connection may be used again.
      if (fault === 'drips') return void drip(response, text)
      return misbehave(fault, socket, text)
    }
    let bytes = 0
    request.on('error', () => {})
    request.on('data', (chunk: Buffer) => (bytes += chunk.length))
    request.on('end', () => {
      const text = answerText(name, nonce, bytes)
      response.writeHead(200, {
        'content-length': Buffer.byteLength(text),
        'x-served-by': name,
        'x-nonce': nonce,
      })
      response.end(text)
    })
  })
  server.keepAliveTimeout = 60_000
  server.on('connection', (socket) => {
    sockets.add(socket)
    socket.on('error', () => {})
    socket.once('close', () => sockets.delete(socket))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    server,
    arrived,
    connections: () => sockets.size,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function answerText(name: string, nonce: string, bytes: number): string {
  return JSON.stringify({ name, nonce, bytes, padding: '.'.repeat(40) })
}

function misbehave(fault: Exclude<Fault, 'drips'>, socket: Socket, text: string): void {
  const head = (length: number) => `HTTP/1.1 200 OK\r\nContent-Length: ${length}\r\n\r\n`
  const half = text.slice(0, text.length / 2)
  switch (fault) {
    case 'hangs-before-headers':
      return
    case 'hangs-mid-body':
      socket.write(head(text.length) + half)
      return
    case 'resets-mid-body':
      socket.write(head(text.length) + half, () => setTimeout(() => socket.resetAndDestroy(), 10))
      return
    case 'closes-kept-connection':
      socket.destroy()
      return
    case 'answers-garbage':
      socket.end('\u0000\u0001 what is this?\r\n\r\n')
      return
    case 'answers-early':
      socket.write('HTTP/1.1 413 Content Too Large\r\nContent-Length: 5\r\nConnection: close\r\n\r\nearly')
      return
    case 'sends-more':
      socket.write(`${head(text.length)}${text}HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison`)
      return
    case 'sends-less':
      socket.end(head(text.length) + half)
  }
}

async function drip(response: ServerResponse, text: string): Promise<void> {
  response.writeHead(200, { 'content-length': text.length })
  for (let at = 0; at < text.length && !response.destroyed; at += 4) {
    response.write(text.slice(at, at + 4))
    await sleep(DRIP_MS)
  }
  response.end()
}
