import { rawClient, startRawUpstream, type RawUpstream } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

/** Rule 3: at 0 % an answer through the agent is the direct one, byte for byte. */
const same: Record<string, string> = {
  'a counted body': 'HTTP/1.1 200 OK\r\nContent-Length: 5\r\nContent-Type: text/plain\r\n\r\nhello',
  'a chunked body':
    'HTTP/1.1 200 OK\r\nX-First: 1\r\nTransfer-Encoding: chunked\r\nX-Last: 2\r\n\r\n5\r\nhello\r\n0\r\n\r\n',
  'a 304': 'HTTP/1.1 304 Not Modified\r\nETag: "x"\r\n\r\n',
  'a 304 that tells the length': 'HTTP/1.1 304 Not Modified\r\nContent-Length: 99\r\nETag: "x"\r\n\r\n',
  'a 204': 'HTTP/1.1 204 No Content\r\nX-A: b\r\n\r\n',
  'several cookies':
    'HTTP/1.1 200 OK\r\nSet-Cookie: a=1; Path=/\r\nContent-Length: 0\r\nset-cookie: b=2\r\nSet-Cookie: a=1; Path=/\r\n\r\n',
  'odd header case': 'HTTP/1.1 200 OK\r\ncOnTeNt-lEnGtH: 0\r\neTAG: "x"\r\nX_under: 1\r\n\r\n',
  'a reason of its own': 'HTTP/1.1 299 Mostly Fine\r\nContent-Length: 0\r\n\r\n',
  'no reason at all': 'HTTP/1.1 200 \r\nContent-Length: 0\r\n\r\n',
  'bytes that are no ASCII':
    'HTTP/1.1 200 \u00c3\u00a9t\u00c3\u00a9\r\nX-Name: caf\u00e9\r\nContent-Length: 0\r\n\r\n',
  'a failure of the service': 'HTTP/1.1 500 Oops\r\nContent-Length: 4\r\n\r\noops',
  'a redirect': 'HTTP/1.1 302 Found\r\nLocation: http://elsewhere.example/x\r\nContent-Length: 0\r\n\r\n',
  'a date and a server':
    'HTTP/1.1 200 OK\r\nServer: old/1\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\nContent-Length: 0\r\n\r\n',
}

const GET = 'GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n'
const HEAD = 'HEAD /v2/books HTTP/1.1\r\nHost: t\r\n\r\n'

describe('an answer through the agent at 0 %', () => {
  let upstream: RawUpstream
  let rig: Rig
  beforeEach(async () => {
    upstream = await startRawUpstream(() => {})
    rig = await startRig(aSnapshotBetween(upstream.url, 'http://127.0.0.1:9'))
  })
  afterEach(async () => {
    await rig.close()
    await upstream.close()
  })

  /** What a client gets, at least as long as what it should get. */
  const through = async (answer: string, expected = answer, request = GET) => {
    upstream.onHead((socket) => void socket.write(answer, 'latin1'))
    const client = await rawClient(rig.port)
    client.send(request)
    await rig.nextOutcome()
    const text = await client.until(new RegExp(`^[^]{${expected.length}}`))
    client.socket.destroy()
    return text
  }

  it.each(Object.entries(same))('is the direct one for %s', async (_, answer) => {
    expect(await through(answer)).toBe(answer)
  })

  it('is the direct one for HEAD', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 60\r\nX: y\r\n\r\n'
    expect(await through(answer, answer, HEAD)).toBe(answer)
    const chunked = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
    expect(await through(chunked, chunked, HEAD)).toBe(chunked)
  })

  it('is the direct one for paths nothing is mapped on', async () => {
    const answer = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    expect(await through(answer, answer, 'GET /else?a=1&&b HTTP/1.1\r\nHost: t\r\n\r\n')).toBe(answer)
    expect(upstream.connections[0]?.text()).toMatch(/^GET \/else\?a=1&&b HTTP\/1\.1\r\n/)
  })

  it('leaves out what is about the connection to the service, and what that names', async () => {
    const answer =
      'HTTP/1.1 200 OK\r\nConnection: X-Int\r\nX-Int: 1\r\nKeep-Alive: timeout=9\r\nContent-Length: 2\r\n\r\nok'
    const expected = 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'
    expect(await through(answer, expected)).toBe(expected)
  })

  it('keeps an answer that only the end of the connection delimits', async () => {
    upstream.onHead((socket) => void socket.end('HTTP/1.1 200 OK\r\nX: y\r\n\r\nhello'))
    const client = await rawClient(rig.port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    expect(await client.closed()).toEqual({
      text: 'HTTP/1.1 200 OK\r\nX: y\r\nConnection: close\r\n\r\nhello',
      reset: false,
    })
  })

  it('is unwrapped for an HTTP/1.0 client', async () => {
    const client = await rawClient(rig.port)
    upstream.onHead((socket) => {
      socket.write('HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n0\r\n\r\n')
    })
    client.send('GET /v2/books HTTP/1.0\r\nHost: t\r\n\r\n')
    const { text } = await client.closed()
    expect(text).toBe('HTTP/1.1 200 OK\r\nConnection: close\r\n\r\nhello')
  })

  it('has no length on a 204, and surplus bytes never become the next answer', async () => {
    const empty = 'HTTP/1.1 204 No Content\r\n\r\n'
    expect(await through('HTTP/1.1 204 No Content\r\nContent-Length: 6\r\n\r\npoison', empty)).toBe(empty)
    const second = await through('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    expect(second).toBe('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
  })

  it('passes hints on before the answer', async () => {
    upstream.onHead((socket) => {
      socket.write('HTTP/1.1 103 Early Hints\r\nLink: </s.css>; rel=preload\r\n\r\n')
      socket.write('HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok')
    })
    const client = await rawClient(rig.port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    const text = await client.until('ok')
    expect(text).toMatch(
      /^HTTP\/1\.1 103 Early Hints\r\nLink: <\/s\.css>; rel=preload\r\n\r\nHTTP\/1\.1 200 OK/,
    )
    client.socket.destroy()
  })
})
