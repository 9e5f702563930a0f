import { once } from 'node:events'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

const G = 'GET /v2/books HTTP/1.1\r\nHost: t\r\n\r\n'
const LIMITS = { preStopMs: 5_000, timeoutMs: 30_000 }

let upstream: Upstream
let rig: Rig
let answerAll: () => void
beforeEach(async () => {
  upstream = await startUpstream()
  const waiting: (() => void)[] = []
  answerAll = () => {
    for (const answer of waiting.splice(0)) answer()
  }
  upstream.answer((_request, response) => void waiting.push(() => response.end('whole')))
  rig = await startRig(aSnapshotBetween(upstream.url, upstream.url), { healthPath: '/-/healthy' })
})
afterEach(async () => {
  await rig.close()
  await upstream.close()
})

const arrived = (count: number) => expect.poll(() => upstream.received.length).toBe(count)

describe('an agent that is told to stop', () => {
  it('says it is not ready at once, keeps accepting for a while, and ends connections with their answer', async () => {
    const waiting = await rawClient(rig.port)
    waiting.send(G)
    await arrived(1)
    const drained = rig.traffic.drain(LIMITS)

    const health = await rawClient(rig.port)
    health.send('GET /-/healthy HTTP/1.1\r\nHost: t\r\n\r\n')
    expect(await health.until('ready')).toMatch(/^HTTP\/1\.1 503/)
    health.socket.destroy()
    const late = await rawClient(rig.port)
    late.send(G)
    await arrived(2)
    answerAll()

    for (const client of [waiting, late]) {
      expect((await client.closed()).text).toMatch(/^HTTP\/1\.1 200 OK\r\n[^]*Connection: close\r\n[^]*whole/)
    }
    await rig.clock.advanceAsync(5_000)
    await drained
    expect(rig.traffic.server.listening).toBe(false)
  })

  it('closes idle and silent connections, and waits for what is under way', async () => {
    const idle = await rawClient(rig.port)
    idle.send(G)
    await arrived(1)
    answerAll()
    await idle.until('whole')
    const silent = await rawClient(rig.port)
    await expect.poll(() => rig.traffic.connections()).toBe(2)
    const busy = await rawClient(rig.port)
    busy.send(G)
    await arrived(2)

    const drained = rig.traffic.drain({ preStopMs: 0, timeoutMs: 30_000 })
    await rig.clock.advanceAsync(0)
    await Promise.all([idle.closed(), silent.closed()])
    expect(rig.traffic.inFlight()).toBe(1)
    answerAll()
    expect((await busy.closed()).text).toContain('whole')
    await rig.clock.advanceAsync(250)
    await drained
  })

  it('cuts off what is left at the deadline', async () => {
    const stuck = await rawClient(rig.port)
    stuck.send(G)
    await arrived(1)
    const drained = rig.traffic.drain({ preStopMs: 0, timeoutMs: 1_000 })
    await rig.clock.advanceAsync(1_000)
    await drained
    expect((await stuck.closed()).text).toBe('')
    expect(await rig.nextOutcome()).toMatchObject({ failure: 'client-closed' })
  })
})

describe('the health path on the traffic port', () => {
  it('tells whether the agent is ready and is not counted', async () => {
    for (const [ready, status] of [
      [true, '200'],
      [false, '503'],
    ] as const) {
      rig.setReady(ready)
      const client = await rawClient(rig.port)
      client.send('GET /-/healthy HTTP/1.1\r\nHost: t\r\n\r\n')
      expect((await client.until('ready')).slice(9, 12)).toBe(status)
      client.socket.destroy()
    }
    expect(rig.outcomes).toHaveLength(0)
    expect(upstream.received).toHaveLength(0)
  })
})

describe('a connection that never says anything', () => {
  it('is closed after a while', async () => {
    const client = await rawClient(rig.port)
    await expect.poll(() => rig.traffic.connections()).toBe(1)
    const closed = once(client.socket, 'close')
    await rig.clock.advanceAsync(10_000)
    await closed
  })
})
