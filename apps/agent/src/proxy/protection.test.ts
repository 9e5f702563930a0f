import { aService, aTarget } from '@crossfade/testkit/builders'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { protectedSnapshot, says, type Setup } from './protection-rig.ts'
import { startRig, type Rig } from './rig.ts'

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

const snapshot = (setup: Setup = {}) => protectedSnapshot(legacy.url, next.url, setup)
const begin = async (setup: Setup = {}) => (rig = await startRig(snapshot(setup)))
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
    const { status, headers } = await ask()
    expect(status).toBe(503)
    expect(headers.get('retry-after')).toBe('1')
    expect(headers.get('proxy-status')).toBe('crossfade; error=destination_unavailable')
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
