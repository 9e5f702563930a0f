import { anEnvironment } from '@crossfade/testkit/builders'
import { afterBody, startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient, startRawUpstream } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

let upstream: Upstream
let rig: Rig
beforeEach(async () => {
  upstream = await startUpstream(afterBody((body, response) => void response.end(`len=${body.length}`)))
  rig = await startRig(aSnapshotBetween(upstream.url, upstream.url))
})
afterEach(async () => {
  await rig.close()
  await upstream.close()
})

const G = 'GET /a HTTP/1.1\r\nHost: t\r\n'
const P = 'POST /a HTTP/1.1\r\nHost: t\r\n'
const K = `${P}Transfer-Encoding: chunked\r\n\r\n`
const SM = 'GET /smuggled HTTP/1.1\r\nHost: t\r\n\r\n'
const lines = 'a:\r\n'.repeat(2_100)

/** Input, and the status it gets. Nothing of it reaches the service as a whole request. */
const refused: readonly (readonly [what: string, bytes: string, status: number])[] = [
  ['length and coding', `${P}Content-Length: 6\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\nG`, 400],
  ['two lengths', `${P}Content-Length: 5\r\nContent-Length: 6\r\n\r\nhelloG`, 400],
  ['two equal lengths', `${P}Content-Length: 5\r\nContent-Length: 5\r\n\r\nhello`, 400],
  ['a list of lengths', `${P}Content-Length: 5, 6\r\n\r\nhello`, 400],
  ['a signed length', `${P}Content-Length: +5\r\n\r\nhello`, 400],
  ['an empty length', `${P}Content-Length: \r\n\r\nhello`, 400],
  ['a huge length', `${P}Content-Length: 18446744073709551621\r\n\r\nhello`, 400],
  ['a blank before the colon', `${P}Content-Length : 5\r\n\r\nhello`, 400],
  ['an unknown coding', `${P}Transfer-Encoding: xchunked\r\n\r\nhello`, 400],
  ['two codings', `${P}Transfer-Encoding: chunked, identity\r\n\r\n0\r\n\r\n`, 400],
  [
    'coding twice',
    `${P}Transfer-Encoding: chunked\r\nTransfer-Encoding: chunked\r\n\r\n1\r\nZ\r\n0\r\n\r\n`,
    400,
  ],
  ['a folded line', `${P}Transfer-Encoding:\r\n chunked\r\n\r\n0\r\n\r\n`, 400],
  ['coding in HTTP/1.0', 'POST /a HTTP/1.0\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n0\r\n\r\n', 400],
  ['too many lines', `${G}${lines}Authorization: x\r\n\r\n`, 431],
  [
    'too many lines before a coding',
    `${P}${lines}Transfer-Encoding: chunked\r\n\r\n23\r\n${SM}\r\n0\r\n\r\n`,
    431,
  ],
  ['too large a line', `${G}X: ${'a'.repeat(65_536)}\r\n\r\n`, 431],
  ['no Host', 'GET /a HTTP/1.1\r\n\r\n', 400],
  ['two Hosts', `${G}Host: evil\r\n\r\n`, 400],
  ['a Host that is none', 'GET /a HTTP/1.1\r\nHost: t@evil\r\n\r\n', 400],
  ['a version we do not speak', 'GET /a HTTP/2.0\r\nHost: t\r\n\r\n', 400],
  ['no version', 'GET /a\r\n\r\n', 400],
  ['a fragment', 'GET /a#/../admin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
  ['a NUL', `${G}X: a\0b\r\n\r\n`, 400],
  ['a bare CR', `${G}X: a\rb\r\n\r\n`, 400],
  ['CONNECT', `CONNECT 127.0.0.1:1 HTTP/1.1\r\nHost: 127.0.0.1:1\r\n\r\n${SM}`, 405],
  ['TRACE', 'TRACE /a HTTP/1.1\r\nHost: t\r\n\r\n', 405],
  ['a method nobody knows', 'FROB /a HTTP/1.1\r\nHost: t\r\n\r\n', 405],
  ['an expectation nobody meets', `${P}Content-Length: 5\r\nExpect: cake\r\n\r\n`, 417],
  ['a chunk size in hex notation', `${K}0x5\r\nhello\r\n0\r\n\r\n`, 400],
  ['bare LF in chunks', `${K}5\nhello\n0\n\n`, 400],
  ['a chunk longer than said', `${K}5\r\nhelloXX0\r\n\r\n`, 400],
  ['endless chunk extensions', `${K}5;${'a'.repeat(65_536)}\r\nhello\r\n0\r\n\r\n`, 413],
  [
    'an upgrade with a body',
    `${G}Connection: Upgrade\r\nUpgrade: websocket\r\nContent-Length: 35\r\n\r\n${SM}`,
    400,
  ],
  ['dot segments', 'GET /x/../admin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
  ['encoded dot segments', 'GET /x/%2e%2e/admin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
  ['dots behind an encoded slash', 'GET /x/..%2fadmin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
  ['a backslash', 'GET /x/..\\admin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
  ['dots with a parameter', 'GET /x/..;/admin HTTP/1.1\r\nHost: t\r\n\r\n', 400],
]

describe('what no strict reader would accept', () => {
  it.each(refused)('is refused: %s', async (_, bytes, status) => {
    const client = await rawClient(rig.port)
    client.send(bytes)
    const answer = await client.until(/\r\n\r\n/)
    expect(Number(answer.slice(9, 12))).toBe(status)
    client.socket.destroy()

    // Nobody else suffers: a new connection gets its own answer.
    const next = await rawClient(rig.port)
    next.send(G.replace('/a', '/canary') + '\r\n')
    expect(await next.until('len=0')).toMatch(/^HTTP\/1\.1 200/)
    next.socket.destroy()
    expect(upstream.received.map(({ target }) => target)).toEqual(['/canary'])
  })

  it('is told as a problem that gives nothing away', async () => {
    const client = await rawClient(rig.port)
    client.send('GET /x/../admin HTTP/1.1\r\nHost: t\r\n\r\n')
    const text = await client.until('}')
    expect(text).toContain('Content-Type: application/problem+json\r\n')
    expect(JSON.parse(text.slice(text.indexOf('{')))).toMatchObject({ code: 'ambiguous_path', status: 400 })
    expect(await rig.nextOutcome()).toMatchObject({
      mappingId: null,
      via: 'default',
      status: 400,
      failure: null,
    })
    client.socket.destroy()
  })
})

describe('what looks odd and is fine', () => {
  it('sends the body of a GET as a body, never as a request', async () => {
    const client = await rawClient(rig.port)
    client.send(`${G}Content-Length: ${SM.length}\r\n\r\n${SM}`)
    await client.until(`len=${SM.length}`)
    expect(upstream.received).toHaveLength(1)
    client.socket.destroy()
  })

  it('keeps the framing a stranger’s Connection lists', async () => {
    const client = await rawClient(rig.port)
    client.send(`${P}Connection: Content-Length\r\nContent-Length: ${SM.length}\r\n\r\n${SM}`)
    await client.until(`len=${SM.length}`)
    expect(upstream.received).toHaveLength(1)
    client.socket.destroy()
  })

  it('reads an absolute target and believes its host, not the Host header', async () => {
    const client = await rawClient(rig.port)
    client.send('GET http://abs.example/x?y=1 HTTP/1.1\r\nHost: t\r\n\r\n')
    await client.until('len=0')
    expect(upstream.received[0]?.target).toBe('/x?y=1')
    expect(upstream.received[0]?.header('host')).toBe('abs.example')
    client.socket.destroy()
  })

  it('sends OPTIONS * to the default service', async () => {
    const client = await rawClient(rig.port)
    client.send('OPTIONS * HTTP/1.1\r\nHost: t\r\n\r\n')
    await client.until('len=0')
    expect(upstream.received[0]?.target).toBe('*')
    client.socket.destroy()
  })

  it('answers pipelined requests in order', async () => {
    upstream.answer((request, response) => void response.end(`path=${request.url}`))
    const client = await rawClient(rig.port)
    client.send(['/1', '/2', '/3'].map((path) => `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`).join(''))
    const text = await client.until('path=/3')
    expect(text.match(/path=\/\d/g)).toEqual(['path=/1', 'path=/2', 'path=/3'])
    expect(upstream.received.map(({ target }) => target)).toEqual(['/1', '/2', '/3'])
    client.socket.destroy()
  })

  it('answers what came before garbage first', async () => {
    const client = await rawClient(rig.port)
    client.send('GET /1 HTTP/1.1\r\nHost: t\r\n\r\nGARBAGE\r\n\r\n')
    const { text } = await client.closed()
    expect(text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*len=0[^]*HTTP\/1\.1 400 Bad Request\r\n/)
  })

  it('serves HTTP/1.0 without a Host', async () => {
    const client = await rawClient(rig.port)
    client.send('GET /old HTTP/1.0\r\n\r\n')
    const { text } = await client.closed()
    expect(text).toContain('len=0')
    expect(upstream.received[0]?.header('host')).toBe(`127.0.0.1:${upstream.port}`)
  })

  it('lets an ambiguous path pass unmapped where the environment says so', async () => {
    rig.install(
      aSnapshotBetween(upstream.url, 'http://127.0.0.1:9', {
        environment: anEnvironment({ paths: { encodedSlash: 'keep', ambiguous: 'pass-unmapped' } }),
      }),
    )
    const client = await rawClient(rig.port)
    client.send('GET /v2/x/../books HTTP/1.1\r\nHost: t\r\n\r\n')
    await client.until('len=0')
    expect(upstream.received[0]?.target).toBe('/v2/x/../books')
    client.socket.destroy()
  })

  it('ends a body that stops half way on both sides', async () => {
    const raw = await startRawUpstream(() => {})
    rig.install(aSnapshotBetween(raw.url, raw.url))
    const client = await rawClient(rig.port)
    const begun = new Promise<void>((resolve) => raw.onHead(() => resolve()))
    client.send(`${K}5\r\nhel`)
    await begun
    client.socket.end()
    expect(await rig.nextOutcome()).toMatchObject({ failure: 'client-closed', status: null })
    expect(raw.connections[0]?.text()).not.toContain('0\r\n\r\n')
    client.socket.destroy()
    await raw.close()
  })
})

describe('an agent without what it needs', () => {
  it('answers 404 when there is no default service', async () => {
    rig.install(
      aSnapshotBetween(upstream.url, upstream.url, { environment: anEnvironment({ defaults: [] }) }),
    )
    const client = await rawClient(rig.port)
    client.send(`${G}\r\n`)
    expect(await client.until('no_default_service')).toMatch(/^HTTP\/1\.1 404/)
    client.socket.destroy()
  })

  it('answers 503 while it has no configuration', async () => {
    const empty = await startRig(null)
    const client = await rawClient(empty.port)
    client.send(`${G}\r\n`)
    expect(await client.until('no_configuration')).toMatch(/^HTTP\/1\.1 503[^]*Retry-After: 1\r\n/)
    client.socket.destroy()
    await empty.close()
  })
})
