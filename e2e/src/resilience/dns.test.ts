import { once } from 'node:events'
import { createServer, type Server, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { client, type Client } from '../harness/client.ts'
import { until } from '../harness/program.ts'
import { recordingService, type RecordingService } from '../harness/recording-service.ts'
import { stubDns, type StubDns } from '../harness/stub-dns.ts'
import { openStage, snapshotOf, type Stage } from './stage.ts'

let dns: StubDns
let legacy: RecordingService
let stage: Stage
let asked: Client
const servers: Server[] = []
beforeEach(async () => {
  dns = await stubDns()
  legacy = await recordingService('legacy')
  asked = client()
})
afterEach(async () => {
  asked.close()
  await stage.close()
  await legacy.close()
  dns.close()
  for (const server of servers.splice(0)) {
    server.closeAllConnections()
    server.close()
  }
})

const name = 'books.service.test'

/** The same service on an address of its own; `/slow` waits until it is let go. */
async function at(address: string, port: number) {
  const held: ServerResponse[] = []
  const server = createServer((request, response) => {
    response.setHeader('x-served-by', address)
    if (request.url === '/books/slow') held.push(response)
    else response.end(address)
  })
  server.keepAliveTimeout = 60_000
  servers.push(server)
  server.listen(port, address)
  await once(server, 'listening')
  const connections = () =>
    new Promise<number>((resolve) => server.getConnections((_error, count) => resolve(count)))
  return { port: (server.address() as AddressInfo).port, held, connections }
}

const ask = (path = '1') => asked.ask(`${stage.agent.url}/books/${path}`)

describe('names of services', () => {
  it('DNS-01: new connections follow a changed address within its time to live and a second', async () => {
    const two = await at('127.0.0.2', 0)
    const three = await at('127.0.0.3', two.port)
    dns.say(name, '127.0.0.2', 1)
    stage = await openStage(snapshotOf({ legacyUrl: legacy.url, newUrl: `http://${name}:${two.port}` }), {
      CROSSFADE_DNS_SERVERS: dns.address,
    })
    expect((await ask()).servedBy).toBe('127.0.0.2')
    const running = ask('slow')
    await until('a running request', () => two.held.length === 1)
    expect(await two.connections()).toBeGreaterThanOrEqual(1)

    dns.say(name, '127.0.0.3', 1)
    const changed = performance.now()
    await until('the new address', async () => (await ask()).servedBy === '127.0.0.3')
    expect(performance.now() - changed).toBeLessThan(4_000)
    for (let i = 0; i < 20; i++) expect((await ask()).servedBy).toBe('127.0.0.3')

    await until('no idle connection left on the old address', async () => (await two.connections()) <= 1)
    two.held[0]?.end('done')
    expect(await running).toMatchObject({ status: 200, body: 'done', servedBy: '127.0.0.2' })
    await until('no connection left on the old address', async () => (await two.connections()) === 0)
    expect(await three.connections()).toBeGreaterThan(0)
  })

  it('DNS-04: an address that no service may have is refused at the moment of connecting', async () => {
    const two = await at('127.0.0.2', 0)
    dns.say(name, '127.0.0.2', 1)
    stage = await openStage(
      snapshotOf({ legacyUrl: legacy.url, newUrl: `http://${name}:${two.port}`, policy: { breaker: null } }),
      { CROSSFADE_DNS_SERVERS: dns.address },
    )
    expect((await ask()).status).toBe(200)
    dns.say(name, '169.254.169.254', 1)
    const started = performance.now()
    const refused = await until('a refusal', async () => {
      const answer = await ask()
      return answer.status === 502 && answer
    })
    expect(JSON.parse(refused.body)).toMatchObject({ code: 'service_unreachable' })
    expect(performance.now() - started).toBeLessThan(4_000)
  })

  it('stay at their last addresses while name servers know nothing, and literals need none', async () => {
    const two = await at('127.0.0.2', 0)
    stage = await openStage(
      snapshotOf({ legacyUrl: legacy.url, newUrl: `http://localhost:${new URL(legacy.url).port}` }),
      { CROSSFADE_DNS_SERVERS: dns.address },
    )
    expect((await ask()).servedBy).toBe('legacy')
    expect(dns.questions).toEqual([])
    const moved = snapshotOf({ legacyUrl: legacy.url, newUrl: `http://127.0.0.2:${two.port}`, revision: 2 })
    expect(await stage.control.push(moved)).toMatchObject({ type: 'ack' })
    expect((await ask()).servedBy).toBe('127.0.0.2')
  })
})
