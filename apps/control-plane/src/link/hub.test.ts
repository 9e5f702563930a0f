import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { eventually, turns } from '@crossfade/testkit/eventually'
import { agentsOf } from './rig-agents.ts'
import { maya, openRig, runningOf, type Rig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterEach(() => rig.disconnect())
afterAll(() => rig.close())

const { viewOf, inStep, online, rename } = agentsOf(() => rig)

describe('an agent that connects', () => {
  it('is welcomed with keys and gets the whole snapshot when it runs nothing', async () => {
    const agent = rig.connect('edge-1')
    agent.hello()
    const welcome = await agent.next('welcome')
    expect(welcome).toMatchObject({
      environmentId: 'default',
      now: rig.clock.now(),
      keys: rig.publisher.keys,
    })
    const push = await agent.next('snapshot')
    expect(push.snapshot).toEqual(rig.published().whole)
    agent.ack(push)
    await inStep('edge-1')
  })

  it('gets a delta when what it runs is known, and the whole when it is not', async () => {
    const { running } = await online('edge-1')
    await rename('renamed')
    const back = rig.connect('edge-2')
    back.hello({ running })
    const push = await back.next('delta')
    expect(push.delta.base).toBe(running.hash)
    expect(push.delta.changed.map(({ kind }) => kind)).toEqual(['environment'])

    const stranger = rig.connect('edge-3')
    stranger.hello({ running: { ...running, hash: 'f'.repeat(64) } })
    await stranger.next('snapshot')
  })

  it('gets nothing when it runs the newest snapshot already', async () => {
    const { running } = await online('edge-1')
    const back = rig.connect('edge-1')
    back.hello({ running })
    await back.next('welcome')
    await turns()
    expect(back.frames).toEqual([])
    await inStep('edge-1')
  })

  it('is not taken for what it ran when the disk catches up late', async () => {
    const agent = await online('edge-1')
    await rename('one')
    const first = await agent.next('delta')
    const older = agent.ack(first)
    await rename('two')
    const second = await agent.next('delta')
    const running = agent.ack(second)
    await inStep('edge-1')
    agent.say({ type: 'ack', nonce: first.nonce, stage: 'persisted', running: older })
    agent.say({ type: 'ack', nonce: second.nonce, stage: 'persisted', running })
    await turns()
    expect(agent.frames.map(({ type }) => type).filter((type) => type !== 'welcome')).toEqual([])
    expect(await viewOf('edge-1')).toMatchObject({ running, inStep: true })

    await rename('three')
    const third = await agent.next('delta')
    agent.nack(third, 'semantic', running)
    await eventually(async () => (await viewOf('edge-1'))?.refusal)
    agent.say({ type: 'ack', nonce: second.nonce, stage: 'persisted', running })
    await turns()
    expect((await viewOf('edge-1'))?.refusal).toMatchObject({ phase: 'semantic' })
  })

  it('hears which mappings are watched, and of no more than fit into a frame', async () => {
    const ids = Array.from({ length: 1_001 }, (_, i) => `mapping-${i}`)
    rig.hub.watch('default', ids, 'screens')
    const agent = rig.connect('edge-1')
    agent.hello()
    expect((await agent.next('watch')).mappingIds).toEqual(ids.slice(0, 1_000))
    rig.hub.watch('default', [], 'screens')
  })

  it('must say hello first, once, and within ten seconds', async () => {
    const early = rig.connect('early')
    early.beat()
    expect((await early.ended()).code).toBe(1008)

    const silent = rig.connect('silent')
    await silent.accepted
    await rig.clock.advanceAsync(10_000)
    expect((await silent.ended()).code).toBe(1008)

    const twice = await online('twice')
    twice.hello()
    expect((await twice.ended()).code).toBe(1008)
  })

  it('replaces an older link of the same name', async () => {
    const first = await online('edge-1')
    const second = rig.connect('edge-1')
    second.hello({ running: first.running })
    await second.next('welcome')
    expect((await first.ended()).reason).toContain('Replaced')
    expect(await viewOf('edge-1')).toMatchObject({ state: 'online' })
    expect(second.closed()).toBeNull()
  })
})

describe('pushing snapshots', () => {
  it('has one push under way and coalesces newer ones', async () => {
    const agent = await online('edge-1')
    await rename('one')
    const first = await agent.next('delta')
    await rename('two')
    const newest = await rename('three')
    await turns()
    expect(agent.frames).toEqual([])
    agent.ack(first)
    const second = await agent.next('delta')
    expect(runningOf(second).revision).toBe(newest.header.revision)
    agent.ack(second)
    await inStep('edge-1')
    expect(agent.frames).toEqual([])
  })

  it('sends the whole after a delta that does not fit', async () => {
    const agent = await online('edge-1')
    await rename('one')
    const delta = await agent.next('delta')
    agent.nack(delta, 'base', agent.running)
    const whole = await agent.next('snapshot')
    expect(runningOf(whole)).toEqual(runningOf(delta))
    agent.ack(whole)
    await inStep('edge-1')
    expect((await viewOf('edge-1'))?.refusal).toBeNull()
  })

  it('does not send a refused snapshot again until something changes, and shows why', async () => {
    const agent = await online('edge-1')
    await rename('one')
    agent.nack(await agent.next('delta'), 'semantic', agent.running)
    await eventually(async () => (await viewOf('edge-1'))?.refusal)
    expect(await viewOf('edge-1')).toMatchObject({
      running: agent.running,
      inStep: false,
      refusal: { phase: 'semantic', errors: [{ path: 'mappings.0', message: 'refused by the test' }] },
    })
    agent.beat({ running: agent.running })
    await agent.next('heartbeat-reply')
    await turns()
    expect(agent.frames.filter(({ type }) => type !== 'overlay')).toEqual([])

    await rename('two')
    agent.ack(await agent.next('delta'))
    await inStep('edge-1')
    expect((await viewOf('edge-1'))?.refusal).toBeNull()
  })

  it('remembers a refusal over a new link of the same boot', async () => {
    const agent = await online('edge-1')
    await rename('one')
    agent.nack(await agent.next('delta'), 'semantic', agent.running)
    await eventually(async () => (await viewOf('edge-1'))?.refusal)
    agent.socket.close()
    await eventually(async () => (await viewOf('edge-1'))?.state === 'offline')

    const back = rig.connect('edge-1')
    back.hello({ running: agent.running, boot: agent.boot })
    await back.next('welcome')
    await turns()
    expect(back.frames.filter(({ type }) => type !== 'overlay')).toEqual([])
    expect((await viewOf('edge-1'))?.refusal?.phase).toBe('semantic')

    const restarted = rig.connect('edge-1')
    restarted.hello({ running: agent.running })
    await restarted.next('delta')
  })

  it('ends a link that leaves a snapshot unanswered for a minute', async () => {
    const agent = rig.connect('edge-1')
    agent.hello()
    await agent.next('snapshot')
    for (let i = 0; i < 6; i++) {
      agent.beat()
      await agent.next('heartbeat-reply')
      await rig.clock.advanceAsync(10_000)
    }
    expect((await agent.ended()).reason).toContain('No answer')
  })
})

describe('roll back', () => {
  it('overtakes a push under way and reaches an agent that refused the snapshot', async () => {
    const mapping = await rig.mapping('books')
    await rig.settled()
    const agent = await online('edge-1')
    await rig.acts.shares.set(maya, 'mapping', mapping.id, 1, { percent: 25 })
    await rig.settled()
    agent.nack(await agent.next('delta'), 'semantic', agent.running)

    const result = await rig.rollBack.mapping(maya, mapping.id, {})
    expect(result).toMatchObject({ percent: 0, percentBefore: 25, recorded: true, changed: true })
    const overlay = await agent.next('overlay')
    expect(JSON.parse(overlay.signed.overlay)).toMatchObject({
      mappingIds: [mapping.id],
      groupIds: [],
      revision: result.revision,
    })
    agent.say({
      type: 'overlay-ack',
      nonce: overlay.nonce,
      revision: result.revision,
      running: agent.running,
    })
    await eventually(async () => (await viewOf('edge-1'))?.overlayRevision === result.revision)
    expect(rig.hub.converged('default', result.revision)).toMatchObject({ live: 1, total: 1, waitingFor: [] })
  })

  it('reaches an agent later that was away and refuses the snapshot', async () => {
    const mapping = await rig.mapping('authors')
    await rig.settled()
    const agent = rig.connect('edge-1')
    agent.hello({ running: { epoch: rig.published().header.epoch, revision: 1, hash: 'a'.repeat(64) } })
    agent.nack(await agent.next('snapshot'), 'shrunken', null)
    const overlay = await agent.next('overlay')
    expect(JSON.parse(overlay.signed.overlay).mappingIds).toContain(mapping.id)
  })
})

describe('heartbeats', () => {
  it('are answered with our time, and show clock offset and load', async () => {
    const agent = await online('edge-1')
    const now = rig.clock.now()
    agent.beat({ at: now + 250, running: agent.running, requestsPerSecond: 12, connections: 3 })
    expect(await agent.next('heartbeat-reply')).toMatchObject({ echo: now + 250, now })
    agent.beat({ at: now + 200, running: agent.running, requestsPerSecond: 12, connections: 3 })
    await agent.next('heartbeat-reply')
    expect(await viewOf('edge-1')).toMatchObject({
      clockOffsetMs: 250,
      requestsPerSecond: 12,
      connections: 3,
    })
  })

  it('keep a link alive; without any frame it is dead after 25 s', async () => {
    const agent = await online('edge-1')
    for (let i = 0; i < 5; i++) {
      await rig.clock.advanceAsync(10_000)
      agent.beat({ running: agent.running })
      await agent.next('heartbeat-reply')
    }
    expect(agent.closed()).toBeNull()
    await rig.clock.advanceAsync(30_000)
    await agent.ended()
    expect(await viewOf('edge-1')).toMatchObject({ state: 'offline', running: agent.running })
  })
})

describe('a revoked token or agent', () => {
  it('ends links at once when told, and within seconds when another replica revoked it', async () => {
    const told = rig.connect('told', 'token-told')
    told.hello()
    await told.next('welcome')
    rig.hub.dropToken('token-told')
    expect((await told.ended()).reason).toContain('revoked')

    const kept = rig.connect('kept')
    kept.hello()
    await kept.next('welcome')
    await rig.clock.advanceAsync(3_000)
    await turns()
    expect(kept.closed()).toBeNull()
    await rig.store.prisma.agent.updateMany({ where: { name: 'kept' }, data: { revokedAt: new Date() } })
    await rig.clock.advanceAsync(3_000)
    expect((await kept.ended()).reason).toContain('revoked')
  })
})
