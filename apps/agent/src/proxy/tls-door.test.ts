import { once } from 'node:events'
import { mkdtempSync, rmSync } from 'node:fs'
import { connect as connectPlain, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type ConnectionOptions, type TLSSocket } from 'node:tls'
import { anAuthority, writePair, type Pair } from '@crossfade/testkit/certificates'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { createLogger } from '@crossfade/runtime/logger'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { CALM, type OverloadMonitor } from '../resilience/overload-monitor.ts'
import { createServerCertificates, type ServerCertificates } from '../tls/server-certificates.ts'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

const authority = anAuthority()
const standard = authority.issue({ names: ['DNS:standard.test'] })
const shop = authority.issue({ names: ['DNS:shop.test'] })
const any = authority.issue({ names: ['DNS:*.any.test'] })

let upstream: Upstream
beforeAll(async () => {
  upstream = await startUpstream()
})
afterAll(() => upstream.close())

let folder: string
let clock: ManualClock
let certificates: ServerCertificates
let rig: Rig
let port: number
let sockets: Socket[]

const put = (name: string, pair: Pair) => writePair(folder, name, pair)
async function open(overload: OverloadMonitor = CALM, hasDefault = true): Promise<void> {
  const pair = { certFile: path.join(folder, 'standard.crt'), keyFile: path.join(folder, 'standard.key') }
  clock = manualClock(Date.now())
  certificates = createServerCertificates({
    pair: hasDefault ? pair : null,
    folder,
    clock,
    logger: createLogger('test', 'silent'),
  })
  await certificates.files.start()
  rig = await startRig(aSnapshotBetween(upstream.url, upstream.url), {
    overload,
    certificates,
    healthPath: '/ready',
  })
  port = (await rig.traffic.listenTls({ host: '127.0.0.1', port: 0 })).port
}
beforeEach(() => {
  sockets = []
  folder = mkdtempSync(path.join(tmpdir(), 'cf-door-'))
  put('standard', standard)
  put('shop.test', shop)
  put('_.any.test', any)
})
afterEach(async () => {
  for (const socket of sockets) socket.destroy()
  await certificates.files.stop()
  await rig.close()
  rmSync(folder, { recursive: true })
})

/** Ends when hands are shaken; rejects when they are not. */
async function dial(options: ConnectionOptions = {}): Promise<TLSSocket> {
  const socket = connect({
    host: '127.0.0.1',
    port,
    ca: authority.cert,
    servername: 'standard.test',
    ...options,
  })
  sockets.push(socket)
  await once(socket, 'secureConnect')
  return socket
}
const nameShown = (socket: TLSSocket) => socket.getPeerX509Certificate()?.subjectAltName
async function ask(socket: Socket, head = 'GET / HTTP/1.1\r\nHost: standard.test\r\n\r\n'): Promise<string> {
  socket.write(head)
  const [answer] = (await once(socket, 'data')) as [Buffer]
  return answer.toString('latin1')
}

describe('the TLS port', () => {
  it('serves as the plain one does, and says https to services', async () => {
    await open()
    const socket = await dial({ ALPNProtocols: ['h2', 'http/1.1'] })
    expect(socket.alpnProtocol).toBe('http/1.1')
    expect(await ask(socket)).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*\r\n\r\nok$/)
    expect(await ask(socket)).toContain('200 OK')
    expect(upstream.received.at(-1)?.header('x-forwarded-proto')).toBe('https')
    const plain = connectPlain(rig.port, '127.0.0.1')
    sockets.push(plain)
    await ask(plain)
    expect(upstream.received.at(-1)?.header('x-forwarded-proto')).toBe('http')
  })

  it.each([
    ['the exact host', 'shop.test', 'DNS:shop.test'],
    ['the exact host in any case', 'SHOP.test', 'DNS:shop.test'],
    ['any name below a parent', 'books.any.test', 'DNS:*.any.test'],
    ['one name below it only', 'a.books.any.test', 'DNS:standard.test'],
    ['not the parent itself', 'any.test', 'DNS:standard.test'],
    ['the default for others', 'nobody.test', 'DNS:standard.test'],
    ['the default for who names nothing', '', 'DNS:standard.test'],
  ])('shows the certificate of %s', async (_what, servername, shown) => {
    await open()
    const socket = await dial({ servername, checkServerIdentity: () => undefined })
    expect(nameShown(socket)).toBe(shown)
  })

  it('shakes no hands where it has no certificate to show', async () => {
    await open(CALM, false)
    for (const servername of ['nobody.test', '']) {
      await expect(dial({ servername })).rejects.toThrow(/alert|disconnected|ECONNRESET/)
    }
    expect(rig.traffic.handshakeFailures()).toBe(2)
    expect(nameShown(await dial({ servername: 'shop.test' }))).toBe('DNS:shop.test')
  })

  it.each([
    ['TLS 1.1', { minVersion: 'TLSv1', maxVersion: 'TLSv1.1', ciphers: 'DEFAULT@SECLEVEL=0' }],
    ['nothing but HTTP/2', { ALPNProtocols: ['h2'] }],
  ] as const)('refuses a client that speaks %s', async (_what, options) => {
    await open()
    await expect(dial(options as unknown as ConnectionOptions)).rejects.toThrow(/alert/)
    expect(rig.traffic.connections()).toBe(0)
  })

  it('shows a changed certificate to who comes next, and drops nobody', async () => {
    await open()
    const [early, byName] = [await dial(), await dial({ servername: 'shop.test' })]
    const next = authority.issue({ names: ['DNS:standard.test', 'DNS:next.test'] })
    const nextShop = authority.issue({ names: ['DNS:shop.test', 'DNS:next.test'] })
    put('standard', next)
    put('shop.test', nextShop)
    await clock.advanceAsync(10_000)
    await expect.poll(() => certificates.files.get('shop.test')?.cert).toBe(nextShop.cert)

    expect(nameShown(await dial())).toBe('DNS:standard.test, DNS:next.test')
    const unnamed = await dial({ servername: '', checkServerIdentity: () => undefined })
    expect(nameShown(unnamed)).toBe('DNS:standard.test, DNS:next.test')
    expect(nameShown(await dial({ servername: 'shop.test' }))).toBe('DNS:shop.test, DNS:next.test')
    expect(await ask(early)).toContain('200 OK')
    expect(await ask(byName)).toContain('200 OK')
  })
})

describe('what protects the plain port, on the TLS port', () => {
  it.each([
    ['two blanks in a request line', 'GET  / HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
    ['no HTTP at all', 'hello\r\n\r\n', '400'],
    ['a path that can be read two ways', 'GET /a/../b HTTP/1.1\r\nHost: a\r\n\r\n', '400'],
    ['two lengths', 'POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1\r\nContent-Length: 2\r\n\r\n', '400'],
    ['a head too large', `GET / HTTP/1.1\r\nHost: a\r\nX: ${'x'.repeat(40_000)}\r\n\r\n`, '431'],
  ])('refuses %s', async (_what, head, status) => {
    await open()
    const before = upstream.received.length
    expect(await ask(await dial(), head)).toMatch(new RegExp(`^HTTP/1.1 ${status} `))
    expect(upstream.received.length).toBe(before)
  })

  it('closes a connection that says nothing, before and after the handshake', async () => {
    await open()
    const raw = connectPlain(port, '127.0.0.1')
    sockets.push(raw)
    await once(raw, 'connect')
    const silent = await dial()
    await expect.poll(() => rig.traffic.connections()).toBe(2)
    const ends = [once(raw, 'close'), once(silent, 'close')]
    await rig.clock.advanceAsync(10_000)
    await Promise.all(ends)
    await expect.poll(() => rig.traffic.connections()).toBe(0)
    expect(rig.traffic.handshakeFailures()).toBe(1)
  })

  it('gives a whole handshake its time, however its bytes drip in', async () => {
    await open()
    const raw = connectPlain(port, '127.0.0.1')
    sockets.push(raw)
    await once(raw, 'connect')
    await expect.poll(() => rig.traffic.connections()).toBe(1)
    const closed = once(raw, 'close')
    raw.on('error', () => {})
    for (const byte of [0x16, 0x03, 0x01, 0x02]) {
      raw.write(Buffer.of(byte))
      await rig.clock.advanceAsync(2_500)
    }
    await closed
  })

  it('takes no connection while it is overloaded, and no handshake either', async () => {
    await open({ ...CALM, refusesConnections: () => true })
    await expect(dial()).rejects.toThrow(/disconnected|ECONNRE/)
    expect(rig.guards.counts()).toContainEqual({ mappingId: '', what: 'overloaded', count: 1 })
  })

  it('finishes what is under way when it drains, and lets idle connections go', async () => {
    let finish = () => {}
    upstream.answer((_request, response) => {
      finish = () => void response.end('late')
    })
    await open()
    const [idle, busy] = [await dial(), await dial()]
    const gone = once(idle, 'close')
    const answer = ask(busy)
    await expect.poll(() => rig.traffic.inFlight()).toBe(1)
    const drained = rig.traffic.drain({ preStopMs: 0, timeoutMs: 5_000 })
    await rig.clock.advanceAsync(1)
    await gone
    finish()
    expect(await answer).toMatch(/Connection: close[^]*late$/i)
    await expect.poll(() => rig.traffic.inFlight()).toBe(0)
    await rig.clock.advanceAsync(300)
    await drained
    await expect(dial()).rejects.toThrow(/disconnected|ECONNRE/)
    upstream.answer((_request, response) => void response.end('ok'))
  })

  it('joins WebSockets', async () => {
    upstream.onUpgrade((request, socket) => {
      const accept = 's3pPLMBiTxaQ9kYGzzhZRbK+xOo='
      socket.write(
        `HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\nSec-WebSocket-Accept: ${accept}\r\n\r\n`,
      )
      socket.write(`proto=${String(request.headers['x-forwarded-proto'])}`)
      socket.pipe(socket)
    })
    await open()
    const socket = await dial()
    const head = [
      'GET / HTTP/1.1',
      'Host: standard.test',
      'Connection: Upgrade',
      'Upgrade: websocket',
      'Sec-WebSocket-Version: 13',
      'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==',
    ]
    let said = ''
    socket.on('data', (chunk: Buffer) => (said += chunk.toString('latin1')))
    socket.write(`${head.join('\r\n')}\r\n\r\n`)
    await expect.poll(() => said).toMatch(/^HTTP\/1\.1 101 [^]*proto=https$/)
    socket.write('echo')
    await expect.poll(() => said).toMatch(/echo$/)
  })

  it('cuts an answer without length so that the client can tell', async () => {
    upstream.answer((_request, response) => {
      response.writeHead(200, { connection: 'close' })
      response.useChunkedEncodingByDefault = false
      response.write('half')
      setImmediate(() => response.socket?.resetAndDestroy())
    })
    await open()
    const socket = await dial()
    const failed = new Promise<NodeJS.ErrnoException>((resolve) => socket.once('error', resolve))
    socket.on('data', () => {})
    socket.write('GET / HTTP/1.0\r\nHost: standard.test\r\n\r\n')
    expect((await failed).code).toBe('ECONNRESET')
    upstream.answer((_request, response) => void response.end('ok'))
  })
})
