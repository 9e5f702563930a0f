import { createServer, type AddressInfo } from 'node:net'
import { once } from 'node:events'
import { aService, aSnapshot } from '@crossfade/testkit/builders'
import { rawClient, startRawUpstream, type RawUpstream } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { startRig, type Rig } from './rig.ts'

let upstream: RawUpstream
let rig: Rig
beforeEach(async () => {
  upstream = await startRawUpstream(() => {})
  // Tries follow each other at once.
  rig = await startRig(null, { random: () => 0 })
})
afterEach(async () => {
  await rig.close()
  await upstream.close()
})

const use = (url: string, limits: { firstByteMs?: number; idleMs?: number } = {}) =>
  rig.install(
    aSnapshot({
      services: [
        aService({
          instances: [url],
          timeouts: {
            connectMs: 4_000,
            firstByteMs: limits.firstByteMs ?? 30_000,
            idleMs: limits.idleMs ?? 30_000,
          },
        }),
        aService({ id: 'new-books', name: 'new-books', instances: [url] }),
      ],
    }),
  )

const ask = async (method = 'GET', body = '') => {
  const client = await rawClient(rig.port)
  const length = body === '' ? '' : `Content-Length: ${body.length}\r\n`
  client.send(`${method} /v2/books HTTP/1.1\r\nHost: t\r\n${length}\r\n${body}`)
  const text = await client.until(/\r\n\r\n[^]*\}$/)
  client.socket.destroy()
  return {
    status: Number(text.slice(9, 12)),
    code: (JSON.parse(text.slice(text.indexOf('{'))) as { code: string }).code,
  }
}

const closedPort = async (): Promise<number> => {
  const server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return port
}

describe('a service that fails', () => {
  it('by refusing connections gets 502 service_unreachable', async () => {
    use(`http://127.0.0.1:${await closedPort()}`)
    expect(await ask()).toEqual({ status: 502, code: 'service_unreachable' })
    expect(await rig.nextOutcome()).toMatchObject({
      mappingId: 'books',
      side: 'legacy',
      status: 502,
      failure: 'connect',
    })
  })

  it('by having no address gets 502 service_unreachable', async () => {
    use('http://no-such-host.invalid')
    expect(await ask()).toEqual({ status: 502, code: 'service_unreachable' })
  })

  it('by never answering gets 504 at the time set', async () => {
    use(upstream.url, { firstByteMs: 100 })
    expect(await ask()).toEqual({ status: 504, code: 'service_timeout' })
    expect(await rig.nextOutcome()).toMatchObject({ status: 504, failure: 'timeout' })
  })

  it('by stopping half way through an answer loses its client', async () => {
    use(upstream.url, { idleMs: 100 })
    upstream.onHead((socket) => void socket.write('HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nabc'))
    const client = await rawClient(rig.port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    expect((await client.closed()).text.endsWith('abc')).toBe(true)
    expect(await rig.nextOutcome()).toMatchObject({ status: 200, failure: 'timeout' })
  })

  it('by hanging up gets 502, and a write is sent exactly once', async () => {
    use(upstream.url)
    let heads = 0
    upstream.onHead((socket) => {
      heads += 1
      socket.resetAndDestroy()
    })
    expect(await ask('POST', 'hello')).toEqual({ status: 502, code: 'service_failed' })
    expect(heads).toBe(1)
    expect(await rig.nextOutcome()).toMatchObject({ failure: 'reset', retries: 0 })
  })

  it.each([
    ['two lengths', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\nContent-Length: 5\r\n\r\nok'],
    ['a bare CR', 'HTTP/1.1 200 OK\r\nX: a\rSet-Cookie: z=1\r\nContent-Length: 2\r\n\r\nok'],
    [
      'a switch nobody asked for',
      'HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\nxxxx',
    ],
    ['a huge head', `HTTP/1.1 200 OK\r\nX: ${'a'.repeat(1024 * 1024)}\r\nContent-Length: 2\r\n\r\nok`],
    ['something else than HTTP', 'SSH-2.0-OpenSSH_9.2\r\n\r\n'],
  ])('by answering with %s gets 502', async (_, answer) => {
    use(upstream.url)
    upstream.onHead((socket) => void socket.write(answer))
    expect(await ask()).toEqual({ status: 502, code: 'service_failed' })
    expect(await rig.nextOutcome()).toMatchObject({ status: 502, failure: 'protocol' })
  })

  it('by having no instance that may be connected to gets 503', async () => {
    rig.install(aSnapshot({ services: [aService(), aService({ id: 'new-books', name: 'new-books' })] }))
    rig.services.install(new Map())
    expect(await ask()).toEqual({ status: 503, code: 'service_unhealthy' })
  })
})
