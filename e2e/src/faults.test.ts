import { readFileSync } from 'node:fs'
import { Agent, request as httpRequest } from 'node:http'
import { startRudeUpstream, type Fault, type RudeUpstream } from '@crossfade/testkit/rude-upstream'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { until } from './harness/program.ts'
import { openStage, snapshotOf, type Stage } from './resilience/stage.ts'

/** The rows of docs/faults.md: the page is the table of expectations. */
const page = readFileSync(new URL('../../docs/faults.md', import.meta.url), 'utf8')
const rows = [
  ...page.matchAll(/^\| `([a-z-]+)` +\| (GET|POST) +\| (.+?) +\| (?:`(\w+)`|nothing) +\| (yes|no) +\|$/gm),
].map(([, fault = '', method = '', gets = '', counted, again]) => ({
  fault: fault as Fault | 'refuses',
  method,
  gets,
  counted: counted ?? null,
  again: again === 'yes',
}))

let fault: Fault | null = null
let service: RudeUpstream
let stage: Stage
let revision = 1
const timeouts = { connectMs: 1_000, firstByteMs: 300, idleMs: 300 }

const snapshot = (newUrl: string) =>
  snapshotOf({
    legacyUrl: service.url,
    newUrl,
    revision: revision++,
    policy: { breaker: null },
    newService: { timeouts, outlier: null },
  })

beforeAll(async () => {
  service = await startRudeUpstream('new', () => fault)
  stage = await openStage(snapshot(service.url))
})
afterAll(async () => {
  await stage.close()
  await service.close()
})

interface Got {
  readonly status: number | null
  readonly body: string
  readonly whole: boolean
}

/** One request over a connection that is kept for the next if the agent keeps it. */
function ask(agent: Agent, method: string, nonce: string): Promise<Got> {
  return new Promise((resolve) => {
    const uploads = method === 'POST'
    const headers = { 'x-nonce': nonce, ...(uploads && { 'content-length': '2000000' }) }
    const call = httpRequest(`${stage.agent.url}/books/1`, { method, agent, headers })
    call.on('error', () => resolve({ status: null, body: '', whole: false }))
    call.on('response', (response) => {
      let body = ''
      response.on('data', (chunk: Buffer) => (body += chunk.toString()))
      const done = () => resolve({ status: response.statusCode ?? null, body, whole: response.complete })
      response.on('end', done)
      response.on('error', done)
    })
    call.end(uploads ? Buffer.alloc(2_000_000) : undefined)
  })
}

const failures = async (kind: string | null) =>
  kind === null ? 0 : stage.metric(`failures_total{mapping="books",side="new",kind="${kind}"}`)
const known = (count: number) => (Number.isNaN(count) ? 0 : count)

async function allFailures(): Promise<number> {
  const counts = await Promise.all(['connect', 'timeout', 'reset', 'protocol'].map(failures))
  return counts.reduce((sum, count) => sum + known(count), 0)
}

/** The code of a problem, or the nonce of a service's answer. */
function sayingOf({ body }: Got): { code?: unknown; nonce?: unknown } {
  try {
    const { code, nonce } = JSON.parse(body) as { code?: unknown; nonce?: unknown }
    return { code, nonce }
  } catch {
    return {}
  }
}

/** The words of the page as something to compare with. */
function expectedOf(gets: string): Partial<Got> & { code?: string; nonce?: string } {
  const problem = /^(\d{3}) `(\w+)`$/.exec(gets)
  if (problem) return { status: Number(problem[1]), code: problem[2] ?? '', whole: true }
  if (gets.startsWith('the beginning')) return { status: 200, whole: false }
  if (gets.startsWith('the early answer')) return { status: 413, body: 'early', whole: true }
  return { status: 200, nonce: 'n1', whole: true }
}

async function use(nextFault: Fault | 'refuses'): Promise<void> {
  fault = nextFault === 'refuses' ? null : nextFault
  const ack = await stage.control.push(snapshot(nextFault === 'refuses' ? 'http://127.0.0.1:9' : service.url))
  expect(ack.type).toBe('ack')
}

/** A kept connection to the service, so that it can be closed under the next request. */
async function warm(agent: Agent): Promise<void> {
  const wanted = fault
  fault = null
  await ask(agent, 'GET', 'warm')
  fault = wanted
}

describe('docs/faults.md', () => {
  it('has a row for every fault', () => {
    expect(rows).toHaveLength(13)
  })

  it.each(rows)(
    '$fault, $method: the client gets $gets',
    async ({ fault: how, method, gets, counted, again }) => {
      await use(how)
      const agent = new Agent({ keepAlive: true })
      if (how === 'closes-kept-connection') await warm(agent)
      service.arrived.splice(0)
      const [kindBefore, allBefore] = [known(await failures(counted)), await allFailures()]
      const retriesBefore = known(await stage.metric('retries_total{mapping="books",side="new"}'))

      const got = await ask(agent, method, 'n1')
      expect({ ...got, ...sayingOf(got) }).toMatchObject(expectedOf(gets))

      // Numbers follow when their second is over.
      const expected = allBefore + (counted === null ? 0 : 1)
      await until('the failure counted', async () => (await allFailures()) === expected)
      expect(known(await failures(counted))).toBe(kindBefore + (counted === null ? 0 : 1))
      await until('retries counted', async () => {
        const retries = known(await stage.metric('retries_total{mapping="books",side="new"}'))
        return retries === retriesBefore + (again ? 1 : 0)
      })
      const sent = service.arrived.filter((one) => one.nonce === 'n1').length
      expect(sent).toBe(how === 'refuses' ? 0 : again ? 2 : 1)
      agent.destroy()
      await until('nothing left', async () => (await stage.metric('in_flight_requests')) === 0)
    },
  )
})

describe('after many faults', () => {
  it('no connection, timer or memory is left', async () => {
    await use('drips')
    fault = null
    const agent = new Agent({ keepAlive: true, maxSockets: 8 })
    const round = (times: number) =>
      Promise.all(Array.from({ length: times }, (_, i) => ask(agent, i % 4 === 3 ? 'POST' : 'GET', `r${i}`)))
    await round(50)
    agent.destroy()
    await quiet()
    const before = await handles()
    const memoryBefore = await stage.metric('process_resident_memory_bytes')

    for (const { fault: how } of rows) {
      await use(how)
      const many = new Agent({ keepAlive: true, maxSockets: 16 })
      await Promise.all(Array.from({ length: 30 }, (_, i) => ask(many, 'GET', `m${i}`)))
      many.destroy()
    }
    await use('drips')
    fault = null
    await quiet()
    await until('no more timers and sockets than before', async () => {
      const after = await handles()
      return after.sockets <= before.sockets + 1 && after.timers <= before.timers + 2
    })
    expect(await stage.metric('process_resident_memory_bytes')).toBeLessThan(memoryBefore + 64 * 1024 * 1024)
  })
})

/** Nobody connected, and no busy or broken connection to the service. */
async function quiet(): Promise<void> {
  await until('no clients', async () => (await stage.metric('connections ')) === 0)
  await use('drips')
  fault = null
  await until('nothing under way', async () => (await stage.metric('in_flight_requests')) === 0)
  // Kept for the next request, as many as were ever needed at once.
  expect(service.connections()).toBeLessThanOrEqual(32)
}

async function handles(): Promise<{ sockets: number; timers: number }> {
  return {
    sockets:
      known(await stage.metric('nodejs_active_resources{type="TCPSocketWrap"}')) - service.connections(),
    timers: known(await stage.metric('nodejs_active_resources{type="Timeout"}')),
  }
}
