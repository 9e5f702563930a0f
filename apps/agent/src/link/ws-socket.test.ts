import { once } from 'node:events'
import { createServer, type IncomingMessage, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { WebSocketServer, type WebSocket } from 'ws'
import { afterEach, describe, expect, it, vi } from 'vitest'
import type { SocketEvents } from './socket.ts'
import { dialer } from './ws-socket.ts'

const terms = () => ({ minVersion: 'TLSv1.2', rejectUnauthorized: true }) as const
let server: Server | null = null
afterEach(() => {
  server?.closeAllConnections()
  server?.close()
  server = null
})

describe('dialing', () => {
  it('shows the assertion on the link path, and carries text both ways', async () => {
    const asked: IncomingMessage[] = []
    const { url } = await controlPlane((socket, request) => {
      asked.push(request)
      socket.on('message', (data) => socket.send(data, { binary: false }))
    })
    const events = listening()
    const socket = dialer(url, terms)('secret')(events)
    await vi.waitFor(() => expect(events.onOpen).toHaveBeenCalled())
    expect(asked[0]?.url).toBe('/api/v1/link')
    expect(asked[0]?.headers.authorization).toBe('Bearer secret')
    socket.send('hello')
    await vi.waitFor(() => expect(events.onText).toHaveBeenCalledWith('hello'))
    socket.close(1000, 'enough')
    await vi.waitFor(() => expect(events.onClosed).toHaveBeenCalledTimes(1))
  })

  it('tells who refused it, why, and at what time there', async () => {
    const { url } = await controlPlane(() => {}, 401)
    const events = listening()
    dialer(url, terms)('wrong')(events)
    await vi.waitFor(() => expect(events.onClosed).toHaveBeenCalledTimes(1))
    expect(events.onClosed).toHaveBeenCalledWith(
      expect.objectContaining({
        isRefused: true,
        reason: 'Not you',
        refusal: { status: 401, code: 'unauthenticated', detail: 'Not you', at: Date.UTC(2026, 0, 1) },
      }),
    )
  })

  it('tells that nobody is there', async () => {
    const events = listening()
    dialer('http://127.0.0.1:1', terms)('token')(events)
    await vi.waitFor(() => expect(events.onClosed).toHaveBeenCalledTimes(1))
    expect(events.onClosed).toHaveBeenCalledWith(expect.objectContaining({ isRefused: false }))
  })

  it('calls a binary frame garbage', async () => {
    const { url } = await controlPlane((socket) => socket.send(Buffer.from([1, 2, 3])))
    const events = listening()
    const socket = dialer(url, terms)('token')(events)
    await vi.waitFor(() => expect(events.onGarbage).toHaveBeenCalled())
    expect(events.onText).not.toHaveBeenCalled()
    socket.terminate()
  })

  it('can be given up before it is open', async () => {
    server = createServer()
    server.on('upgrade', () => {})
    const url = await listen(server)
    const events = listening()
    const socket = dialer(url, terms)('token')(events)
    socket.terminate()
    await vi.waitFor(() => expect(events.onClosed).toHaveBeenCalledTimes(1))
  })
})

async function controlPlane(
  onConnection: (socket: WebSocket, request: IncomingMessage) => void,
  refuseWith: number | null = null,
): Promise<{ url: string }> {
  const sockets = new WebSocketServer({ noServer: true })
  server = createServer()
  server.on('upgrade', (request, socket, head) => {
    if (refuseWith !== null) socket.end(refusal(refuseWith))
    else sockets.handleUpgrade(request, socket, head, (open) => onConnection(open, request))
  })
  return { url: await listen(server) }
}

function refusal(status: number): string {
  const body = JSON.stringify({ code: 'unauthenticated', detail: 'Not you' })
  const head = [
    `HTTP/1.1 ${status} No`,
    'date: Thu, 01 Jan 2026 00:00:00 GMT',
    `content-length: ${body.length}`,
  ]
  return `${head.join('\r\n')}\r\n\r\n${body}`
}

async function listen(on: Server): Promise<string> {
  on.listen(0, '127.0.0.1')
  await once(on, 'listening')
  return `http://127.0.0.1:${(on.address() as AddressInfo).port}`
}

function listening() {
  return {
    onOpen: vi.fn<SocketEvents['onOpen']>(),
    onText: vi.fn<SocketEvents['onText']>(),
    onGarbage: vi.fn<SocketEvents['onGarbage']>(),
    onClosed: vi.fn<SocketEvents['onClosed']>(),
  }
}
