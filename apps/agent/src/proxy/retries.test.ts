import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { protectedSnapshot, refusedUrl, says, type Setup } from './protection-rig.ts'
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
    await expect.poll(() => [next.received.length, clock.pending()]).toEqual([1, 1])
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
    await expect.poll(() => [next.received.length, clock.pending()]).toEqual([1, 1])
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
