import { createServer, type RequestListener, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, describe, expect, it } from 'vitest'
import { systemClock } from './clock.ts'
import { fetchConfigured, FetchError, type FetchOptions } from './fetch-configured.ts'

const servers: Server[] = []
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

async function serve(listener: RequestListener): Promise<number> {
  const server = createServer(listener)
  servers.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return (server.address() as AddressInfo).port
}

const options: FetchOptions = {
  purpose: 'webhook',
  policy: { networks: ['loopback'], doors: [] },
  clock: systemClock,
  timeoutMs: 5_000,
  maxBytes: 1_000,
}
const failing = async (url: string, changes: Partial<FetchOptions> = {}) => {
  const error: unknown = await fetchConfigured(url, { ...options, ...changes }).catch(
    (thrown: unknown) => thrown,
  )
  return error instanceof FetchError ? [error.reason, error.message] : error
}
const named = (address: string) => ({ find: async () => [{ address, family: 4 as const }] })

describe('a configured address', () => {
  it('is asked as it is, and its answer handed out whole', async () => {
    const port = await serve((request, response) => {
      response.writeHead(404, { 'x-said': `${request.method} ${request.url}` }).end('nothing here')
    })
    const { status, headers, body } = await fetchConfigured(`http://127.0.0.1:${port}/a?b=1`, options)
    expect([status, headers['x-said'], body.toString()]).toEqual([404, 'GET /a?b=1', 'nothing here'])
  })

  it('gets a body with its length', async () => {
    const port = await serve((request, response) => {
      request.on('data', (chunk: Buffer) =>
        response.end(`${request.headers['content-length']} ${chunk.toString()}`),
      )
    })
    const sent = { method: 'POST', body: 'h\u00e9' } as const
    const { body } = await fetchConfigured(`http://127.0.0.1:${port}/`, { ...options, ...sent })
    expect(body.toString()).toBe('3 h\u00e9')
  })

  it('SSRF-01: is not connected to where the policy forbids it', async () => {
    let asked = 0
    const port = await serve((_request, response) => void response.end(String(++asked)))
    for (const url of [
      `http://127.0.0.1:${port}/`,
      `http://localhost:${port}/`,
      `http://2130706433:${port}/`,
    ]) {
      expect(await failing(url, { policy: { networks: ['private'], doors: [] } })).toMatchObject([
        'address',
        {},
      ])
    }
    const doors = [{ host: '127.0.0.1', port }]
    expect(
      await failing(`http://127.0.0.1:${port}/`, { policy: { networks: ['loopback'], doors } }),
    ).toMatchObject(['address', {}])
    expect(asked).toBe(0)
  })

  it('DNS-04: is not connected to when its name leads where the policy forbids it', async () => {
    let asked = 0
    const port = await serve((_request, response) => void response.end(String(++asked)))
    const url = `http://hooks.example:${port}/`
    const elsewhere = { policy: { networks: ['public', 'private'], doors: [] } }
    expect(await failing(url, { ...named('127.0.0.1'), ...elsewhere })).toMatchObject(['address', {}])
    expect(await failing(url, named('169.254.169.254'))).toMatchObject(['address', {}])
    const doors = [{ host: '127.0.0.1', port }]
    const own = { policy: { networks: ['loopback'], doors } }
    expect(await failing(url, { ...named('127.0.0.1'), ...own })).toMatchObject(['address', {}])
    expect(asked).toBe(0)
    expect((await fetchConfigured(url, { ...options, ...named('127.0.0.1') })).body.toString()).toBe('1')
  })

  it.each([301, 302, 303, 304, 307, 308])('is not followed where a %s sends it', async (status) => {
    let elsewhere = 0
    const target = await serve((_request, response) => void response.end(String(++elsewhere)))
    const port = await serve((_request, response) => {
      response.writeHead(status, { location: `http://127.0.0.1:${target}/` }).end()
    })
    expect(await failing(`http://127.0.0.1:${port}/secret-path`)).toEqual([
      'redirect',
      `127.0.0.1: answered ${status}; redirects are not followed`,
    ])
    expect(elsewhere).toBe(0)
  })

  it('is refused when its answer is longer than wanted, also in pieces', async () => {
    const port = await serve((_request, response) => {
      response.write('x'.repeat(900))
      response.end('y'.repeat(200))
    })
    expect(await failing(`http://127.0.0.1:${port}/`)).toMatchObject(['too-large', {}])
    expect(
      (await fetchConfigured(`http://127.0.0.1:${port}/`, { ...options, maxBytes: 1_100 })).body.length,
    ).toBe(1_100)
  })

  it('is given up when it has not answered whole in time, however it drips', async () => {
    const port = await serve((_request, response) => void response.write('x'))
    expect(await failing(`http://127.0.0.1:${port}/`, { timeoutMs: 50 })).toMatchObject(['timeout', {}])
  })

  it('is given up when the answer is cut or nobody listens', async () => {
    const port = await serve((_request, response) => {
      response.writeHead(200, { 'content-length': '10' }).write('x')
      setImmediate(() => response.destroy())
    })
    expect(await failing(`http://127.0.0.1:${port}/`)).toMatchObject(['failed', {}])
    const closed = await serve(() => {})
    servers.pop()?.close()
    expect(await failing(`http://127.0.0.1:${closed}/`)).toEqual(['failed', '127.0.0.1: ECONNREFUSED'])
  })
})
