import { once } from 'node:events'
import { createServer, type Server } from 'node:net'
import type { AddressInfo } from 'node:net'
import type { Mapping, Policy, Service } from '@crossfade/core/model'
import { aMapping, aPolicy, aService, aSplit, aTarget } from '@crossfade/testkit/builders'
import { afterBody, startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

let legacy: Upstream
let next: Upstream
let rig: Rig | null = null
beforeEach(async () => {
  legacy = await startUpstream(says('legacy'))
  next = await startUpstream(says('new'))
})
afterEach(async () => {
  await rig?.close()
  rig = null
  await Promise.all([legacy.close(), next.close()])
})

/** Reads the body first, then names itself. */
function says(name: string, status = 200, headers: Record<string, string> = {}) {
  return afterBody((_body, response) => {
    response.writeHead(status, headers)
    response.end(name)
  })
}

interface Setup {
  readonly policy?: Partial<Policy>
  readonly mapping?: Partial<Mapping>
  readonly share?: number
  readonly newUrls?: readonly string[]
  readonly newService?: Partial<Service>
}

function snapshot({ policy = {}, mapping = {}, share = 10_000, newUrls, newService = {} }: Setup = {}) {
  return aSnapshotBetween(legacy.url, next.url, {
    mappings: [
      aMapping({
        split: aSplit({ share, identity: { kind: 'request' } }),
        policy: aPolicy(policy),
        ...mapping,
      }),
    ],
    services: [
      aService({ instances: [legacy.url] }),
      aService({
        id: 'new-books',
        name: 'new-books',
        instances: newUrls ?? [next.url],
        ...newService,
      }),
    ],
  })
}

const begin = async (setup: Setup = {}) => (rig = await startRig(snapshot(setup)))
/** Where tries follow each other at once, and the first instance comes first. */
const beginWithoutWaiting = async (setup: Setup = {}) =>
  (rig = await startRig(snapshot(setup), { random: () => 0 }))

async function ask(init: RequestInit = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${rig?.url}/v2/books`, init)
  return { status: response.status, text: await response.text(), headers: response.headers }
}
const post = (body = 'x') => ask({ method: 'POST', body })
async function askTimes(times: number, init: RequestInit = {}) {
  const answers = []
  for (let i = 0; i < times; i++) answers.push(await ask(init))
  return answers
}

/** A port on which nobody listens. */
async function refusedUrl(): Promise<string> {
  const server: Server = createServer().listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  server.close()
  await once(server, 'close')
  return `http://127.0.0.1:${port}`
}

describe('a breaker', () => {
  it('opens after five failures; then legacy answers, writes too, and new is left alone', async () => {
    const { outcomes } = await begin()
    next.answer(says('broken', 503))
    await askTimes(5)
    expect(await ask()).toMatchObject({ status: 200, text: 'legacy' })
    expect(await post()).toMatchObject({ status: 200, text: 'legacy' })
    expect(next.received).toHaveLength(5)
    expect(outcomes.at(-1)).toMatchObject({
      side: 'new',
      status: 200,
      fallback: true,
      replaced: 503,
      failure: null,
    })
    expect(rig?.guards.warnings()).toEqual(['The breaker of books (new) is open'])
  })

  it('answers 503 with Retry-After where legacy may not answer', async () => {
    await begin({ mapping: { writes: { kind: 'phased', phase: 'dual-new' } } })
    next.answer(says('broken', 502))
    await askTimes(5)
    const refused = await post()
    expect(refused.status).toBe(503)
    expect(refused.headers.get('retry-after')).toBe('1')
    expect(JSON.parse(refused.text)).toMatchObject({ code: 'breaker_open' })
    expect(await ask()).toMatchObject({ text: 'legacy' })
    expect(legacy.received.every(({ method }) => method === 'GET')).toBe(true)
  })

  it('never sends anyone to legacy past the point of no return', async () => {
    await begin({ mapping: { pointOfNoReturn: true }, policy: { safeFallback: true, readThrough: [404] } })
    next.answer(says('gone', 404))
    expect(await ask()).toMatchObject({ status: 404, text: 'gone' })
    next.answer(says('broken', 503))
    await askTimes(5)
    expect(await ask()).toMatchObject({ status: 503 })
    expect(legacy.received).toEqual([])
  })

  it('lets one request find out, and closes when that one succeeds', async () => {
    await begin()
    next.answer(says('broken', 503))
    await askTimes(5)
    let release = () => {}
    const held = new Promise<void>((resolve) => (release = resolve))
    next.answer(async (request, response) => {
      request.resume()
      await held
      response.end('new')
    })
    rig?.clock.advance(1_000)
    const probe = ask()
    await expect.poll(() => next.server.listenerCount('request') && legacy.received.length).toBe(0)
    await expect
      .poll(() => rig?.guards.breakers().find(({ side }) => side === 'new')?.state)
      .toBe('half-open')
    expect(await ask()).toMatchObject({ text: 'legacy' })
    release()
    expect(await probe).toMatchObject({ text: 'new' })
    expect(rig?.guards.breakers()).toContainEqual({ mappingId: 'books', side: 'new', state: 'closed' })
    rig?.clock.advance(10_000)
    next.answer(says('new'))
    expect((await askTimes(3)).map(({ text }) => text)).toEqual(['new', 'new', 'new'])
  })

  it('forgets a probe whose client left, so that the next one finds out', async () => {
    await begin()
    next.answer(says('broken', 503))
    await askTimes(5)
    next.answer(() => {})
    rig?.clock.advance(1_000)
    const client = await rawClient(rig?.port ?? 0)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    await expect
      .poll(() => rig?.guards.breakers().find(({ side }) => side === 'new')?.state)
      .toBe('half-open')
    client.socket.destroy()
    await expect.poll(() => rig?.outcomes.at(-1)?.failure).toBe('client-closed')
    next.answer(says('new'))
    expect(await ask()).toMatchObject({ text: 'new' })
  })

  it('outlives a new snapshot, and is forgotten with a new service', async () => {
    await begin()
    next.answer(says('broken', 503))
    await askTimes(5)
    rig?.install({ ...snapshot(), revision: 2 })
    expect(await ask()).toMatchObject({ text: 'legacy' })
    const other = await startUpstream(says('other'))
    const changed = snapshot()
    rig?.install({
      ...changed,
      revision: 3,
      services: [...changed.services, aService({ id: 'other', name: 'other', instances: [other.url] })],
      mappings: changed.mappings.map((one) => ({ ...one, new: aTarget({ serviceId: 'other' }) })),
    })
    expect(await ask()).toMatchObject({ text: 'other' })
    await other.close()
  })

  it('ignores 4xx and 500', async () => {
    await begin()
    next.answer(says('no', 404))
    await askTimes(6)
    next.answer(says('oops', 500))
    await askTimes(6)
    expect(rig?.guards.warnings()).toEqual([])
  })
})

describe('trying again', () => {
  it('goes to another instance when one does not take the connection, also with a write', async () => {
    const { outcomes } = await beginWithoutWaiting({ newUrls: [await refusedUrl(), next.url] })
    const answers = [...(await askTimes(4)), await post('body'), await post('body')]
    expect(answers.map(({ text }) => text)).toEqual(Array.from({ length: 6 }, () => 'new'))
    expect(outcomes.reduce((sum, { retries }) => sum + retries, 0)).toBeGreaterThan(0)
    expect(next.received.filter(({ method }) => method === 'POST').map(({ body }) => String(body))).toEqual([
      'body',
      'body',
    ])
    expect(next.received.some((request) => request.header('x-attempt') === '2')).toBe(true)
  })

  it('leaves an instance out that keeps failing', async () => {
    await beginWithoutWaiting({ newUrls: [await refusedUrl(), next.url] })
    await askTimes(20)
    expect(rig?.services.healthView()['new-books']).toEqual({ healthy: 1, total: 2 })
  })

  it('waits up to 25 ms first, so that not all come back at once', async () => {
    const { clock } = await begin({ policy: { breaker: null } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    const answer = ask()
    await expect.poll(() => clock.pending()).toBe(1)
    next.answer(says('new'))
    await clock.advanceAsync(12.4)
    expect(next.received).toHaveLength(1)
    clock.advance(0.1)
    expect(await answer).toMatchObject({ status: 200, text: 'new' })
  })

  it('is given up when the client leaves while it waits', async () => {
    const { clock, port } = await begin({ policy: { breaker: null } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    const client = await rawClient(port)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    await expect.poll(() => clock.pending()).toBe(1)
    client.socket.destroy()
    await expect.poll(() => rig?.outcomes.at(-1)?.failure).toBe('client-closed')
    expect(clock.pending()).toBe(0)
    expect(next.received).toHaveLength(1)
    expect(rig?.guards.inFlight().map(({ count }) => count)).toEqual([0, 0])
  })

  it('does not wait where only an old connection had ended', async () => {
    await begin({ policy: { breaker: null } })
    expect(await ask()).toMatchObject({ text: 'new' })
    next.answer((request) => {
      next.answer(says('again'))
      request.socket.destroy()
    })
    expect(await ask()).toMatchObject({ status: 200, text: 'again' })
  })

  it('numbers itself, whatever the client said', async () => {
    await beginWithoutWaiting({ policy: { breaker: null } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    await ask({ headers: { 'x-attempt': '1' } })
    expect(next.received.map((request) => request.header('x-attempt'))).toEqual(['1', '2'])
  })

  it('stops at the budget', async () => {
    const { outcomes } = await beginWithoutWaiting({
      policy: { breaker: null },
      newService: { retry: { tries: 2, budgetPercent: 0, minPerSecond: 3 } },
    })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    await askTimes(10)
    expect(outcomes.reduce((sum, { retries }) => sum + retries, 0)).toBe(3)
    expect(next.received).toHaveLength(13)
  })

  it('does not multiply the retries of a proxy before it', async () => {
    await beginWithoutWaiting({ policy: { breaker: null } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    await ask({ headers: { 'x-attempt': '2' } })
    expect(next.received).toHaveLength(1)
  })

  it('repeats no write that may have arrived', async () => {
    await beginWithoutWaiting({ policy: { breaker: null } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    expect((await post()).status).toBe(503)
    next.answer((request) => void request.socket.destroy())
    expect((await post()).status).toBe(502)
    expect(next.received.length).toBeLessThanOrEqual(2)
  })

  it('repeats writes, body and all, where the mapping says they may come twice', async () => {
    await beginWithoutWaiting({ policy: { breaker: null, idempotentWrites: true } })
    next.answer(says('later', 503, { 'retry-after': '0' }))
    await post('once more')
    expect(next.received.map(({ body }) => String(body))).toEqual(['once more', 'once more'])
  })
})

describe('the safe fallback', () => {
  it('answers a failed safe request from legacy, once', async () => {
    const { outcomes } = await begin({ policy: { safeFallback: true } })
    next.answer((request) => void request.socket.destroy())
    expect(await ask()).toMatchObject({ status: 200, text: 'legacy' })
    expect(outcomes.at(-1)).toMatchObject({ side: 'new', fallback: true, failure: 'reset', replaced: null })
    next.answer(says('oops', 500))
    expect(await ask()).toMatchObject({ text: 'legacy' })
    expect(outcomes.at(-1)).toMatchObject({ fallback: true, failure: null, replaced: 500 })
    expect((await post()).status).toBe(500)
  })

  it('leaves an answer alone once it has begun', async () => {
    await begin({ policy: { safeFallback: true } })
    next.answer((request, response) => {
      response.writeHead(200, { 'content-length': '10' })
      response.write('half', () => request.socket.destroy())
    })
    await expect(ask()).rejects.toThrow(/terminated|fetch failed/)
    expect(legacy.received).toEqual([])
  })

  it('passes on what new said when legacy is open too', async () => {
    await begin({ policy: { safeFallback: true } })
    legacy.answer(says('broken', 503))
    next.answer(says('oops', 500))
    const answers = await askTimes(7)
    expect(answers.map(({ status }) => status)).toEqual([503, 503, 503, 503, 503, 500, 500])
  })
})

describe('read-through', () => {
  it('answers from legacy what new does not have yet', async () => {
    const { outcomes } = await begin({ policy: { readThrough: [404] } })
    next.answer(says('unknown', 404))
    expect(await ask()).toMatchObject({ status: 200, text: 'legacy' })
    expect(outcomes.at(-1)).toMatchObject({ fallback: true, replaced: 404 })
    expect((await post()).status).toBe(404)
    expect(rig?.guards.warnings()).toEqual([])
  })
})

describe('limits', () => {
  it('answer 429 with Retry-After to callers beyond their rate, each by itself', async () => {
    const limits = [
      {
        name: 'per user',
        key: { kind: 'header' as const, name: 'x-user' },
        side: null,
        perSecond: 0.1,
        burst: 2,
      },
    ]
    await begin({ policy: { limits } })
    const anna = { headers: { 'x-user': 'anna' } }
    const [first, second, third] = await askTimes(3, anna)
    expect([first?.status, second?.status, third?.status]).toEqual([200, 200, 429])
    expect(third?.headers.get('retry-after')).toBe('10')
    expect((await ask({ headers: { 'x-user': 'ben' } })).status).toBe(200)
    rig?.clock.advance(10_000)
    expect((await ask(anna)).status).toBe(200)
  })

  it('keep their state over snapshots', async () => {
    const limits = [{ name: 'all', key: null, side: 'new' as const, perSecond: 0.1, burst: 1 }]
    await begin({ policy: { limits } })
    await ask()
    rig?.install({ ...snapshot({ policy: { limits } }), revision: 2 })
    expect((await ask()).status).toBe(429)
  })

  it('refuse bodies that say or turn out to be too large', async () => {
    await begin({ policy: { bodyLimitBytes: 5 } })
    expect((await post('12345')).status).toBe(200)
    expect((await post('123456')).status).toBe(413)
    const client = await rawClient(rig?.port ?? 0)
    client.send(
      'POST /v2/books HTTP/1.1\r\nHost: t\r\nTransfer-Encoding: chunked\r\n\r\n6\r\n123456\r\n0\r\n\r\n',
    )
    expect(await client.until('}')).toMatch(/^HTTP\/1\.1 413 /)
    expect(next.received).toHaveLength(1)
  })

  it('let what new has no room for overflow to legacy, and refuse when legacy has none', async () => {
    await begin({ policy: { concurrency: { new: 1, legacy: 1 } } })
    const held: (() => void)[] = []
    const holding =
      (name: string) => async (request: { resume(): void }, response: { end(t: string): void }) => {
        request.resume()
        await new Promise<void>((resolve) => held.push(resolve))
        response.end(name)
      }
    next.answer(holding('new'))
    legacy.answer(holding('legacy'))
    const first = ask()
    await expect.poll(() => held.length).toBe(1)
    const second = ask()
    await expect.poll(() => held.length).toBe(2)
    const third = await ask()
    expect(third.status).toBe(503)
    expect(JSON.parse(third.text)).toMatchObject({ code: 'over_capacity' })
    for (const release of held) release()
    expect([(await first).text, (await second).text]).toEqual(['new', 'legacy'])
    const overflow = rig?.outcomes.find(({ fallback }) => fallback)
    expect(overflow).toMatchObject({ side: 'new', status: 200, replaced: null, failure: null })
  })

  it('answer 503 when a request waits too long for a connection, and at once when too many wait', async () => {
    const pool = { connectionsPerInstance: 1, maxPending: 1, pendingTimeoutMs: 3_000 }
    await begin({ newService: { pool } })
    next.answer(() => {})
    const client = await rawClient(rig?.port ?? 0)
    client.send('GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n')
    await expect.poll(() => rig?.traffic.inFlight()).toBe(1)
    const waiting = ask()
    await expect.poll(() => rig?.traffic.inFlight()).toBe(2)
    expect(JSON.parse((await ask()).text)).toMatchObject({ code: 'over_capacity' })
    await rig?.clock.advanceAsync(3_000)
    expect(JSON.parse((await waiting).text)).toMatchObject({ code: 'over_capacity' })
    client.socket.destroy()
  })
})
