import { aMapping, aPolicy, aSplit } from '@crossfade/testkit/builders'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import type { Policy } from '@crossfade/core/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { CALM } from '../resilience/overload-monitor.ts'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

let legacy: Upstream
let next: Upstream
let rig: Rig | null = null
beforeEach(async () => {
  legacy = await startUpstream((_request, response) => void response.end('legacy'))
  next = await startUpstream((_request, response) => void response.end('new'))
})
afterEach(async () => {
  await rig?.close()
  rig = null
  await Promise.all([legacy.close(), next.close()])
})

/** Everybody on new. */
function snapshot(policy: Partial<Policy> = {}) {
  const split = aSplit({ share: 10_000, identity: { kind: 'request' } })
  return aSnapshotBetween(legacy.url, next.url, { mappings: [aMapping({ split, policy: aPolicy(policy) })] })
}

async function ask(init: RequestInit = {}): Promise<{ status: number; text: string; headers: Headers }> {
  const response = await fetch(`${rig?.url}/v2/books`, init)
  return { status: response.status, text: await response.text(), headers: response.headers }
}

describe('an overloaded agent', () => {
  it('answers 503 and ends the connection, while its health path goes on', async () => {
    rig = await startRig(snapshot(), {
      healthPath: '/_health',
      overload: { ...CALM, refusesRequests: () => true },
    })
    const answer = await ask()
    expect(answer.status).toBe(503)
    expect(JSON.parse(answer.text)).toMatchObject({ code: 'overloaded' })
    expect(answer.headers.get('connection')).toBe('close')
    expect(answer.headers.get('retry-after')).toBe('1')
    expect((await fetch(`${rig.url}/_health`)).status).toBe(200)
  })

  it('takes no connections at all when it gets worse', async () => {
    rig = await startRig(snapshot(), { overload: { ...CALM, refusesConnections: () => true } })
    await expect(ask()).rejects.toThrow(/terminated|fetch failed/)
  })
})

describe('a request that comes back', () => {
  const back = { headers: { via: '1.1 crossfade-agent-one' } }

  it('is a loop', async () => {
    rig = await startRig(snapshot())
    expect((await ask(back)).status).toBe(508)
  })

  it('goes to legacy where the mapping says so, but not a second time', async () => {
    rig = await startRig(snapshot({ loopsBackToLegacy: true }))
    const { outcomes } = rig
    expect(await ask(back)).toMatchObject({ status: 200, text: 'legacy' })
    expect(outcomes.at(-1)).toMatchObject({ side: 'legacy', via: 'steered', fallback: false })
    const twice = { headers: { via: '1.1 crossfade-agent-one, 1.1 crossfade-agent-one' } }
    expect((await ask(twice)).status).toBe(508)
  })
})
