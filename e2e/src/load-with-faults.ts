import { Agent as HttpAgent, request as httpRequest } from 'node:http'
import { bucketOf } from '@crossfade/core/bucket'
import type { Mapping, Snapshot } from '@crossfade/core/model'
import { aMapping, aMatch, aPolicy, aService, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { FAULTS, startRudeUpstream, type Fault, type RudeUpstream } from '@crossfade/testkit/rude-upstream'
import { adminToken, openHouse, type Agent } from './harness/house.ts'
import { until } from './harness/program.ts'
import { scriptedControl } from './harness/scripted-control.ts'

export interface LoadOptions {
  readonly ms: number
  /** Ends earlier after this many requests. */
  readonly requests: number
  readonly seed: number
  readonly concurrency?: number
  readonly onProgress?: (sofar: LoadReport) => void
}

export interface Memory {
  readonly resident: number
  readonly heap: number
}

export interface LoadReport {
  seed: number
  requests: number
  /** Whole answers of a service. */
  answered: number
  /** Cut, refused or failed for another reason than a restart. */
  failed: number
  /** Failed while their agent was away: the busier the machine, the more. */
  disturbed: number
  revisions: number
  restarts: number
  /** Anything here is a bug: answers of the wrong side, of another request, or writes that came twice. */
  readonly wrong: string[]
  /** Failures that neither a fault of the request's own nor a restart explains, by what the client saw. */
  readonly unexplained: Record<string, number>
  /** Of the agent that is never restarted, in MiB: once warm, and at the end. */
  memory: { warm: Memory; end: Memory }
}

const FAULT_PERCENT = 5
const REVISE_EVERY_MS = 100
/** A connection that was cut keeps its port for a minute; more than this and a machine runs out of ports. */
const MOST_PER_SECOND = 1_200
const RESTART_EVERY_MS = 2_500
const cohort = 'cohort-of-the-load'
/** Shares move between these, so that buckets outside are certain of their side. */
const [LEAST, MOST] = [2_000, 8_000]

/**
 * Load over two agents and two services that are rude to one request in twenty, while the configuration changes
 * ten times a second and one agent is killed and started again and again. Everything follows from the seed but
 * the timing.
 */
export async function loadWithFaults(options: LoadOptions): Promise<LoadReport> {
  const { ms, seed, concurrency = 32 } = options
  const report: LoadReport = {
    seed,
    requests: 0,
    answered: 0,
    failed: 0,
    disturbed: 0,
    revisions: 0,
    restarts: 0,
    wrong: [],
    unexplained: {},
    memory: { warm: { resident: 0, heap: 0 }, end: { resident: 0, heap: 0 } },
  }
  const faultOf = (nonce: string): Fault | null => {
    const roll = hash(`${seed} ${nonce}`)
    return roll % 100 < FAULT_PERCENT ? (FAULTS[(roll >>> 8) % FAULTS.length] ?? null) : null
  }
  const rude = (name: string) =>
    startRudeUpstream(name, (request) => faultOf(`${name} ${String(request.headers['x-nonce'])}`))
  const [legacy, next] = await Promise.all([rude('legacy'), rude('new')])
  const house = await openHouse()
  const control = await scriptedControl()
  let revision = 0
  const revise = () => {
    revision += 1
    const share = LEAST + (hash(`${seed} share ${revision}`) % (MOST - LEAST))
    const snapshot = snapshotAt(revision, share, legacy.url, next.url)
    control.greetWith(snapshot)
    return snapshot
  }
  revise()
  const env = {
    ...control.agentEnv,
    CROSSFADE_LOG_LEVEL: 'error',
    CROSSFADE_DRAIN_TIMEOUT: '1',
    // Garbage is collected before it looks like a leak (V8's young generation alone takes what it is given).
    NODE_OPTIONS: '--max-old-space-size=64 --max-semi-space-size=8',
  }
  const steady = await house.startAgent('steady', env)
  let restarted = await house.startAgent('restarted', env)
  let isRestarting = false
  let restartedAt = 0

  const stopping = new AbortController()
  const pool = new HttpAgent({ keepAlive: true, maxSockets: concurrency * 2 })
  const began = performance.now()
  const isOn = () => performance.now() < began + ms && report.requests < options.requests

  const worker = async (id: number) => {
    for (let turn = 0; isOn(); turn++) {
      const due = began + (turn * concurrency * 1000) / MOST_PER_SECOND
      if (due > performance.now())
        await new Promise((resolve) => setTimeout(resolve, due - performance.now()))
      const nonce = `${seed}-${id}-${turn}`
      const onSteady = hash(nonce) % 2 === 0
      const agent = onSteady ? steady : restarted
      const asked = performance.now()
      report.requests += 1
      const got = await ask(agent, nonce, pool)
      const disturbed = !onSteady && (isRestarting || restartedAt > asked)
      judge(report, got, disturbed, faultOf)
      if (disturbed && got.status === null) await new Promise((resolve) => setTimeout(resolve, 50))
    }
  }
  const reviser = every(REVISE_EVERY_MS, stopping.signal, async () => {
    report.revisions += 1
    await control.push(revise())
  })
  const restarter = every(RESTART_EVERY_MS, stopping.signal, async () => {
    isRestarting = true
    await restarted.program.kill(report.restarts % 2 === 0 ? 'SIGKILL' : 'SIGTERM')
    restarted = await house.startAgent('restarted', env, restarted)
    isRestarting = false
    restartedAt = performance.now()
    report.restarts += 1
  })
  const observer = every(5_000, stopping.signal, async () => {
    forgetDelivered(report, [legacy, next])
    options.onProgress?.(report)
  })
  const warmth = warmUp(steady, Math.min(ms / 2, 15_000), report)

  await Promise.all(Array.from({ length: concurrency }, (_, id) => worker(id)))
  stopping.abort()
  await Promise.all([reviser, restarter, observer, warmth])
  pool.destroy()
  forgetDelivered(report, [legacy, next])
  await until('nothing under way', async () => (await metric(steady, 'in_flight_requests')) === 0)
  report.memory.end = await memoryOf(steady)
  await house.close()
  await control.close()
  await Promise.all([legacy.close(), next.close()])
  return report
}

interface Got {
  readonly method: string
  readonly nonce: string
  readonly user: string
  readonly path: string
  readonly status: number | null
  readonly whole: boolean
  readonly body: string
}

function ask(agent: Agent, nonce: string, pool: HttpAgent): Promise<Got> {
  const roll = hash(`ask ${nonce}`)
  const path = roll % 2 === 0 ? '/strict' : '/kind'
  const user = `user-${(roll >>> 4) % 500}`
  const method = (roll >>> 16) % 5 === 0 ? 'POST' : 'GET'
  const body = method === 'POST' ? Buffer.alloc(2_000, 'x') : undefined
  const headers = {
    'x-nonce': nonce,
    'x-user': user,
    ...(body && { 'content-length': String(body.length) }),
  }
  return new Promise((resolve) => {
    const broken = { method, nonce, user, path, status: null, whole: false, body: '' }
    const call = httpRequest(`${agent.url}${path}/x`, { method, agent: pool, headers, timeout: 10_000 })
    call.on('timeout', () => call.destroy())
    call.on('error', () => resolve(broken))
    call.on('response', (response) => {
      let text = ''
      response.on('data', (chunk: Buffer) => (text += chunk.toString()))
      const done = () =>
        resolve({ ...broken, status: response.statusCode ?? null, whole: response.complete, body: text })
      response.on('end', done)
      response.on('error', done)
    })
    call.end(body)
  })
}

function judge(
  report: LoadReport,
  got: Got,
  disturbed: boolean,
  faultOf: (nonce: string) => Fault | null,
): void {
  if (got.status !== 200 || !got.whole) {
    if (disturbed) {
      report.disturbed += 1
      return
    }
    report.failed += 1
    const faulty = faultOf(`legacy ${got.nonce}`) !== null || faultOf(`new ${got.nonce}`) !== null
    // A breaker that is open answers for the faults of others.
    if (faulty || got.body.includes('breaker_open')) return
    const saw = `${got.method} ${got.path} ${got.status ?? 'nothing'} ${/"code":"(\w+)"/.exec(got.body)?.[1] ?? ''}`
    report.unexplained[saw] = (report.unexplained[saw] ?? 0) + 1
    return
  }
  report.answered += 1
  const { name, nonce } = JSON.parse(got.body) as { name: string; nonce: string }
  if (nonce !== got.nonce) report.wrong.push(`${got.nonce} got the answer of ${nonce}`)
  const bucket = bucketOf(cohort, got.user)
  if (bucket >= MOST && name !== 'legacy') report.wrong.push(`${got.nonce} (${got.path}) was answered by new`)
  if (bucket < LEAST && name !== 'new' && got.path === '/strict') {
    report.wrong.push(`${got.nonce} (${got.path}) was answered by legacy`)
  }
}

export function unexplainedIn({ unexplained }: LoadReport): number {
  return Object.values(unexplained).reduce((sum, count) => sum + count, 0)
}

/** Every write at most once, on both services together; then forgets, so that an hour fits in memory. */
const writes = new Map<string, number>()
function forgetDelivered(report: LoadReport, services: readonly RudeUpstream[]): void {
  for (const { arrived } of services) {
    for (const { method, nonce } of arrived.splice(0)) {
      if (method !== 'POST') continue
      const times = (writes.get(nonce) ?? 0) + 1
      writes.set(nonce, times)
      if (times > 1) report.wrong.push(`the write ${nonce} came ${times} times`)
    }
  }
  // Repeats come within moments.
  if (writes.size > 200_000) writes.clear()
}

/** `/strict` never leaves its side; `/kind` may be answered by legacy in place of new. */
function snapshotAt(revision: number, share: number, legacyUrl: string, newUrl: string): Snapshot {
  const timeouts = { connectMs: 1_000, firstByteMs: 800, idleMs: 800 }
  const shared = {
    split: aSplit({ share, cohort, identity: { kind: 'header', name: 'x-user' } }),
  } satisfies Partial<Mapping>
  return aSnapshot({
    revision,
    services: [
      aService({ instances: [legacyUrl], timeouts }),
      // One address at which nobody answers: connecting is tried again elsewhere.
      aService({ id: 'new-books', name: 'new-books', instances: [newUrl, 'http://127.0.0.1:9'], timeouts }),
    ],
    mappings: [
      aMapping({
        ...shared,
        id: 'strict',
        name: 'strict',
        match: aMatch({ kind: 'prefix', path: '/strict' }),
        policy: aPolicy({ breaker: null }),
      }),
      aMapping({
        ...shared,
        id: 'kind',
        name: 'kind',
        match: aMatch({ kind: 'prefix', path: '/kind' }),
        policy: aPolicy({ safeFallback: true }),
      }),
    ],
  })
}

async function warmUp(agent: Agent, ms: number, report: LoadReport): Promise<void> {
  await new Promise((resolve) => setTimeout(resolve, ms))
  report.memory.warm = await memoryOf(agent)
}

async function memoryOf(agent: Agent): Promise<Memory> {
  const inMiB = async (name: string) => Math.round((await metric(agent, name)) / 1024 / 1024)
  return {
    resident: await inMiB('process_resident_memory_bytes'),
    heap: await inMiB('nodejs_heap_size_used_bytes'),
  }
}

async function metric(agent: Agent, name: string): Promise<number> {
  const headers = { authorization: `Bearer ${adminToken}` }
  const page = await (await fetch(`${agent.adminUrl}/metrics`, { headers })).text()
  return Number(
    page
      .split('\n')
      .find((line) => line.startsWith(`crossfade_agent_${name} `))
      ?.split(' ')[1],
  )
}

/** Runs `job` again and again until the signal; ends when the last run has. */
async function every(ms: number, signal: AbortSignal, job: () => Promise<void>): Promise<void> {
  while (!signal.aborted) {
    await new Promise<void>((resolve) => {
      const timer = setTimeout(resolve, ms)
      signal.addEventListener('abort', () => (clearTimeout(timer), resolve()), { once: true })
    })
    if (!signal.aborted) await job()
  }
}

/** FNV-1a with a last stir. */
function hash(text: string): number {
  let value = 0x811c9dc5
  for (let i = 0; i < text.length; i++) value = Math.imul(value ^ text.charCodeAt(i), 0x01000193)
  value = Math.imul(value ^ (value >>> 16), 0x85ebca6b)
  return (value ^ (value >>> 13)) >>> 0
}
