import type { Snapshot } from '@crossfade/core/model'
import { aMapping, aService, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { anOverlay, sealedDelta, sealedOverlay, sealedSnapshot } from '@crossfade/testkit/signed-snapshot'
import { startUpstream } from '@crossfade/testkit/upstream'
import { afterEach, describe, expect, it, vi } from 'vitest'
import { startAgent, type AgentRig } from './agent-rig.ts'

let rig: AgentRig | null = null
afterEach(async () => {
  await rig?.close()
  rig = null
})

describe('an agent', () => {
  it('is alive but not ready without a configuration, and ready with the first snapshot', async () => {
    const { call, greet, dial, signer } = (rig = await startAgent())
    expect((await call('GET', '/healthz')).status).toBe(200)
    expect((await call('GET', '/readyz')).status).toBe(503)
    greet()
    dial.last().say({ type: 'snapshot', nonce: 'n1', snapshot: sealedSnapshot(aSnapshot(), signer) })
    expect((await call('GET', '/readyz')).status).toBe(200)
  })

  it('acknowledges the swap, and then that it is on disk', async () => {
    const { greet, dial, signer } = (rig = await startAgent())
    greet()
    dial.last().say({ type: 'snapshot', nonce: 'n1', snapshot: sealedSnapshot(aSnapshot(), signer) })
    expect(dial.last().ofType('ack')).toMatchObject([
      { nonce: 'n1', stage: 'applied', running: { revision: 1 } },
    ])
    await vi.waitFor(() => expect(dial.last().ofType('ack')).toHaveLength(2))
    expect(dial.last().ofType('ack')[1]).toMatchObject({ nonce: 'n1', stage: 'persisted' })
  })

  it('says why it refuses a snapshot and what it still runs', async () => {
    const { greet, dial, signer } = (rig = await startAgent(allNew()))
    greet()
    const snapshot = sealedSnapshot(aSnapshot({ revision: 2, services: [] }), signer)
    dial.last().say({ type: 'snapshot', nonce: 'n1', snapshot })
    expect(dial.last().ofType('nack')).toMatchObject([
      {
        nonce: 'n1',
        phase: 'semantic',
        running: { revision: 1 },
        errors: expect.arrayContaining([{ path: expect.any(String), message: expect.any(String) }]),
      },
    ])
    expect(dial.last().ofType('ack')).toEqual([])
  })

  it('takes deltas, and a roll back on top, and says so', async () => {
    const { greet, dial, signer } = (rig = await startAgent(allNew()))
    greet()
    const next = aSnapshot({ revision: 2 })
    const delta = sealedDelta(sealedSnapshot(allNew(), signer), next, signer)
    dial.last().say({ type: 'delta', nonce: 'n1', delta })
    dial
      .last()
      .say({ type: 'overlay', nonce: 'n2', signed: sealedOverlay(anOverlay({ revision: 3 }), signer) })
    expect(dial.last().ofType('ack')[0]).toMatchObject({ nonce: 'n1', running: { revision: 2 } })
    expect(dial.last().ofType('overlay-ack')).toMatchObject([{ nonce: 'n2', revision: 3 }])
  })

  it('starts from its disk without waiting for a link, and names the source', async () => {
    rig = await startAgent(allNew())
    rig.greet()
    expect(rig.dial.last().ofType('hello')).toMatchObject([{ source: 'bootstrap', running: { revision: 1 } }])
    await rig.restart()
    expect((await rig.call('GET', '/readyz')).status).toBe(200)
    rig.greet()
    expect(rig.dial.last().ofType('hello')).toMatchObject([{ source: 'disk', running: { revision: 1 } }])
  })

  it('lets no second process have its state directory', async () => {
    rig = await startAgent(allNew())
    const { stateDirectory } = await import('./config/state-directory.ts')
    await expect(stateDirectory(`${rig.folder}/state`).start()).rejects.toThrow('in use by another process')
  })

  it('forwards, counts what it answered, and sends the same numbers again until they are acknowledged', async () => {
    const upstream = await startUpstream()
    const services = [
      aService({ instances: [upstream.url] }),
      aService({ id: 'new-books', instances: [upstream.url] }),
    ]
    const { agent, greet, dial } = (rig = await startAgent({ ...allNew(), services }))
    greet()
    const { port } = agent.traffic()!
    const answer = await fetch(`http://127.0.0.1:${port}/v2/books`)
    expect(await answer.text()).toBe('ok')
    const first = dial.last()
    await vi.waitFor(() => expect(first.ofType('stats')).toHaveLength(1), 3000)
    const batch = first.ofType('stats')[0]?.batch
    expect(batch).toMatchObject({
      seq: 1,
      windows: [{ samples: [{ mappingId: 'books', side: 'new', via: 'split', tally: { requests: 1 } }] }],
    })
    first.drop()
    await vi.waitFor(() => expect(dial.sockets).toHaveLength(2), 3000)
    greet()
    expect(dial.last().ofType('stats')[0]?.batch).toEqual(batch)
    dial.last().say({ type: 'stats-ack', boot: batch!.boot, seq: 1 })
    await upstream.close()
  })
})

describe('a break-glass roll back', () => {
  it('is in force at once, told to the control plane, kept over a restart, and cleared by a person', async () => {
    rig = await startAgent(allNew())
    rig.greet()
    expect(await sideOf(rig)).toBe('new')
    const made = await rig.call('POST', '/rollback', { mappings: ['books'], reason: 'errors', by: 'Ada' })
    expect(made.status).toBe(201)
    const { id } = (await made.json()) as { id: string }
    expect(await sideOf(rig)).toBe('legacy')
    expect(rig.dial.last().ofType('heartbeat').at(-1)?.emergencies).toMatchObject([{ id, by: 'Ada' }])

    await rig.restart()
    expect(await sideOf(rig)).toBe('legacy')
    rig.greet()
    expect(rig.dial.last().ofType('hello').at(-1)?.emergencies).toMatchObject([{ id }])
    const newer = sealedSnapshot({ ...allNew(), revision: 9 }, rig.signer)
    rig.dial.last().say({ type: 'snapshot', nonce: 'n', snapshot: newer })
    expect(await sideOf(rig)).toBe('legacy')

    expect((await rig.call('DELETE', `/rollback/${id}`)).status).toBe(200)
    expect(await sideOf(rig)).toBe('new')
    expect((await rig.call('DELETE', `/rollback/${id}`)).status).toBe(404)
  })

  it('is cleared from the control plane too', async () => {
    rig = await startAgent(allNew())
    rig.greet()
    const { id } = (await (await rig.call('POST', '/rollback', { all: true })).json()) as { id: string }
    rig.dial.last().say({ type: 'clear-emergency', id })
    expect(await sideOf(rig)).toBe('new')
    expect(rig.dial.last().ofType('heartbeat').at(-1)?.emergencies).toEqual([])
  })
})

function allNew(): Snapshot {
  return aSnapshot({ mappings: [aMapping({ split: aSplit({ share: 10_000 }) })] })
}

async function sideOf(at: AgentRig): Promise<unknown> {
  const answer = await at.call('POST', '/explain', { url: 'http://api.example/v2/books' })
  return ((await answer.json()) as { side: unknown }).side
}
