import { once } from 'node:events'
import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { aMapping, aMatch, aRewrite, aSplit, aTarget } from '@crossfade/testkit/builders'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { WebSocket, WebSocketServer } from 'ws'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

interface EchoService {
  readonly url: string
  readonly targets: (string | undefined)[]
  readonly headers: Record<string, unknown>[]
  close(): void
}

/** Answers `name: message` to everything. */
async function startEcho(name: string): Promise<EchoService> {
  const targets: (string | undefined)[] = []
  const headers: Record<string, unknown>[] = []
  const server: Server = createServer()
  const sockets = new WebSocketServer({ server })
  sockets.on('connection', (socket, request) => {
    targets.push(request.url)
    headers.push(request.headers)
    socket.on('message', (data: Buffer) => socket.send(`${name}: ${data.toString()}`))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    targets,
    headers,
    close() {
      for (const client of sockets.clients) client.terminate()
      server.close()
    },
  }
}

const KEY = 'dGhlIHNhbXBsZSBub25jZQ=='
const HANDSHAKE = `Connection: Upgrade\r\nUpgrade: websocket\r\nSec-WebSocket-Key: ${KEY}\r\nSec-WebSocket-Version: 13\r\n\r\n`

let legacy: EchoService
let fresh: EchoService
let rig: Rig
beforeEach(async () => {
  ;[legacy, fresh, rig] = await Promise.all([startEcho('legacy'), startEcho('new'), startRig(null)])
})
afterEach(async () => {
  await rig.close()
  legacy.close()
  fresh.close()
})

const use = (share: number) =>
  rig.install(
    aSnapshotBetween(legacy.url, fresh.url, {
      mappings: [
        aMapping({
          match: aMatch({ kind: 'prefix', path: '/live' }),
          split: aSplit({ share }),
          new: aTarget({
            serviceId: 'new-books',
            host: { kind: 'service' },
            rewrite: aRewrite({ path: { kind: 'prefix', to: '/v3/live' } }),
          }),
        }),
      ],
    }),
  )

const talk = async (cookie: string, message = 'hello') => {
  const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/live/chat?room=1`, { headers: { cookie } })
  await once(socket, 'open')
  socket.send(message)
  const [data] = (await once(socket, 'message')) as [Buffer]
  return { socket, said: data.toString() }
}

describe('an upgrade to WebSocket', () => {
  it('follows the same decision as a request, and is rewritten like one', async () => {
    use(5_000)
    const sides = new Set<string>()
    for (let i = 0; i < 12; i++) {
      const { socket, said } = await talk(`uid=u${i}`)
      sides.add(said)
      socket.close()
      await once(socket, 'close')
    }
    expect(sides).toEqual(new Set(['legacy: hello', 'new: hello']))
    expect(new Set(legacy.targets)).toEqual(new Set(['/live/chat?room=1']))
    expect(new Set(fresh.targets)).toEqual(new Set(['/v3/live/chat?room=1']))
    expect(fresh.headers[0]).toMatchObject({ 'x-forwarded-for': '127.0.0.1', via: '1.1 crossfade-agent-one' })
    expect(rig.outcomes).toHaveLength(12)
    expect(rig.outcomes[0]).toMatchObject({ mappingId: 'books', status: 101, failure: null })
  })

  it('counts as under way until it is closed', async () => {
    use(0)
    const { socket } = await talk('')
    expect(rig.traffic.inFlight()).toBe(1)
    socket.close()
    await once(socket, 'close')
    await expect.poll(() => rig.traffic.inFlight()).toBe(0)
  })

  it('ends on the client’s side when the service goes away', async () => {
    use(0)
    const { socket } = await talk('')
    socket.on('error', () => {})
    const closed = once(socket, 'close')
    legacy.close()
    await closed
    expect(socket.readyState).toBe(WebSocket.CLOSED)
  })

  it('gets 502 when the service cannot be reached', async () => {
    rig.install(aSnapshotBetween('http://127.0.0.1:9', 'http://127.0.0.1:9'))
    const client = await rawClient(rig.port)
    client.send(`GET /live HTTP/1.1\r\nHost: t\r\n${HANDSHAKE}`)
    const { text } = await client.closed()
    expect(text).toMatch(/^HTTP\/1\.1 502[^]*service_unreachable/)
    expect(await rig.nextOutcome()).toMatchObject({ status: 502, failure: 'connect' })
  })

  it('waits for the answers before it, also when the client has left meanwhile', async () => {
    const held = Promise.withResolvers<void>()
    const slow = await startUpstream(async (_request, response) => {
      await held.promise
      response.end('late'.repeat(200_000))
    })
    rig.install(aSnapshotBetween(slow.url, slow.url))
    const client = await rawClient(rig.port)
    client.send(`GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGET /live HTTP/1.1\r\nHost: t\r\n${HANDSHAKE}`)
    await expect.poll(() => slow.received.length).toBe(1)
    client.socket.resetAndDestroy()
    held.resolve()
    await expect.poll(() => rig.traffic.connections()).toBe(0)
    expect(await rig.nextOutcome()).toMatchObject({ failure: 'client-closed' })
    await slow.close()
  })
})

describe('what is no upgrade', () => {
  let plain: Upstream
  beforeEach(async () => {
    plain = await startUpstream()
    rig.install(aSnapshotBetween(plain.url, plain.url))
  })
  afterEach(() => plain.close())

  const ask = async (request: string) => {
    const client = await rawClient(rig.port)
    client.send(request)
    await rig.nextOutcome()
    const text = await client.until(/\r\n\r\n/)
    client.socket.destroy()
    return text
  }

  it('is served as a plain request when it asks for another protocol', async () => {
    const lines = 'Connection: Upgrade, HTTP2-Settings\r\nUpgrade: h2c\r\nHTTP2-Settings: AAMAAABk\r\n\r\n'
    expect(await ask(`GET /live HTTP/1.1\r\nHost: t\r\n${lines}`)).toMatch(/^HTTP\/1\.1 200/)
    expect(plain.received[0]?.header('upgrade')).toBeUndefined()
    expect(plain.received[0]?.header('http2-settings')).toBeUndefined()
  })

  it('is served as a plain request in HTTP/1.0', async () => {
    expect(await ask(`GET /live HTTP/1.0\r\nHost: t\r\n${HANDSHAKE}`)).toMatch(/^HTTP\/1\.1 200/)
    expect(plain.received[0]?.header('upgrade')).toBeUndefined()
  })

  it('is passed on when the service turns it down, and the connection ends', async () => {
    plain.onUpgrade((_request, socket) => {
      socket.write(
        'HTTP/1.1 426 Upgrade Required\r\nUpgrade: websocket\r\nTransfer-Encoding: chunked\r\n\r\n',
      )
      socket.write('3\r\nno!\r\n0\r\n\r\n')
    })
    const client = await rawClient(rig.port)
    client.send(`GET /live HTTP/1.1\r\nHost: t\r\n${HANDSHAKE}`)
    const { text } = await client.closed()
    expect(text).toBe(
      'HTTP/1.1 426 Upgrade Required\r\nTransfer-Encoding: chunked\r\nUpgrade: websocket\r\nConnection: close\r\n\r\n3\r\nno!\r\n0\r\n\r\n',
    )
    expect(await rig.nextOutcome()).toMatchObject({ status: 426, failure: null })
  })

  it('gets 502 when the service’s switch does not fit the handshake', async () => {
    plain.onUpgrade((_request, socket) => {
      socket.write('HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n')
      socket.write('Sec-WebSocket-Accept: nonsense\r\n\r\n')
    })
    const client = await rawClient(rig.port)
    client.send(`GET /live HTTP/1.1\r\nHost: t\r\n${HANDSHAKE}`)
    expect((await client.closed()).text).toMatch(/^HTTP\/1\.1 502[^]*service_failed/)
    expect(await rig.nextOutcome()).toMatchObject({ status: 502, failure: 'protocol' })
  })
})
