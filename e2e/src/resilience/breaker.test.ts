import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { client, inParallel, type Client } from '../harness/client.ts'
import { until } from '../harness/program.ts'
import { recordingService, type RecordingService } from '../harness/recording-service.ts'
import { openStage, snapshotOf, type Stage } from './stage.ts'

let legacy: RecordingService
let next: RecordingService
let stage: Stage
let asked: Client
beforeEach(async () => {
  ;[legacy, next] = await Promise.all([recordingService('legacy'), recordingService('new')])
  asked = client(64)
})
afterEach(async () => {
  asked.close()
  await stage.close()
  await Promise.all([legacy.close(), next.close()])
})

const urls = () => ({ legacyUrl: legacy.url, newUrl: next.url })
const ask = (options?: Parameters<Client['ask']>[1]) => asked.ask(`${stage.agent.url}/books/1`, options)

describe('breakers', () => {
  it('CB-01: opens after five failures in a row; legacy answers at once, and a metric says so', async () => {
    stage = await openStage(snapshotOf(urls()))
    next.status = 503
    for (let i = 0; i < 5; i++) expect((await ask()).status).toBe(503)
    expect(await ask()).toMatchObject({ status: 200, servedBy: 'legacy' })
    expect(next.received).toHaveLength(5)
    expect(await stage.metric('breaker_state{mapping="books",side="new"}')).toBe(2)
    expect(await stage.metric('breaker_transitions_total{mapping="books",side="new",to="open"}')).toBe(1)
    expect(stage.agent.program.output()).toContain('breaker is open')
  })

  it('CB-01: answers 503 with Retry-After, and asks nobody, where legacy may not answer', async () => {
    const breaker = { failurePercent: 50, minimumSample: 20, windowMs: 10_000, openMs: 60_000 }
    stage = await openStage(
      snapshotOf({ ...urls(), mapping: { pointOfNoReturn: true }, policy: { breaker } }),
    )
    next.status = 503
    for (let i = 0; i < 5; i++) await ask()
    for (let i = 0; i < 9; i++) {
      const answer = await fetch(`${stage.agent.url}/books/1`)
      expect(answer.status).toBe(503)
      expect(Number(answer.headers.get('retry-after'))).toBeGreaterThanOrEqual(1)
      expect(await answer.json()).toMatchObject({ code: 'breaker_open' })
    }
    expect(next.received).toHaveLength(5)
    expect(legacy.received).toHaveLength(0)
  })

  it('CB-03: asks with one request at a time, doubles its wait on failure, and closes slowly', async () => {
    const breaker = { failurePercent: 50, minimumSample: 20, windowMs: 10_000, openMs: 400 }
    stage = await openStage(snapshotOf({ ...urls(), policy: { breaker } }))
    next.status = 503
    for (let i = 0; i < 5; i++) await ask()
    const probes: number[] = []
    const seen = () => next.received.length - 5
    const started = performance.now()
    while (probes.length < 3 && performance.now() - started < 10_000) {
      const before = seen()
      await inParallel(8, Array.from({ length: 8 }).keys(), async () => void (await ask()))
      expect(seen() - before).toBeLessThanOrEqual(1)
      if (seen() > before) probes.push(performance.now())
    }
    const waits = probes.map((at, i) => at - (probes[i - 1] ?? started))
    expect(waits[1]).toBeGreaterThan(600)
    expect(waits[2]).toBeGreaterThan(1_200)

    next.status = 200
    await until('a closed breaker', async () => {
      await ask()
      return (await stage.metric('breaker_state{mapping="books",side="new"}')) === 0
    })
    const sides = await Promise.all(Array.from({ length: 60 }, () => ask()))
    expect(sides.filter(({ servedBy }) => servedBy === 'legacy').length).toBeGreaterThan(10)
    expect(sides.every(({ status }) => status === 200)).toBe(true)
  })
})

describe('retry budgets', () => {
  it('RB-01: a service that answers 503 to everything gets at most a fifth and ten a second on top', async () => {
    stage = await openStage(snapshotOf({ ...urls(), policy: { breaker: null } }))
    next.status = 503
    next.headers = { 'retry-after': '0' }
    const started = performance.now()
    const requests = 2_000
    await inParallel(32, Array.from({ length: requests }).keys(), async () => void (await ask()))
    const seconds = (performance.now() - started) / 1_000
    expect(next.received.length).toBeGreaterThan(requests * 1.05)
    expect(next.received.length).toBeLessThanOrEqual(requests * 1.2 + 10 * (seconds + 1) + 1)
  })

  it('RB-02: a write is never sent again once bytes of it have left, and may be before', async () => {
    stage = await openStage(snapshotOf({ ...urls(), policy: { breaker: null } }))
    next.status = 503
    next.headers = { 'retry-after': '0' }
    const write = { method: 'POST', body: 'x' }
    expect((await ask(write)).status).toBe(503)
    expect(next.received).toHaveLength(1)
    next.resets = true
    expect((await ask(write)).status).toBe(502)
    expect(next.received).toHaveLength(2)

    await next.close()
    next = await recordingService('new')
    const refused = 'http://127.0.0.1:9'
    const services = snapshotOf(urls()).services.map((service) =>
      service.id === 'new-books' ? { ...service, instances: [refused, next.url] } : service,
    )
    await stage.control.push({ ...snapshotOf({ ...urls(), revision: 2 }), services })
    for (let i = 0; i < 6; i++) expect((await ask(write)).status).toBe(200)
    expect(next.received).toHaveLength(6)
  })
})
