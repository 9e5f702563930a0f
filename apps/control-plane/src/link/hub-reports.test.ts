import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import type { SeriesSample, StatsBatch } from '@crossfade/contracts/stats'
import { emptyTally } from '@crossfade/core/tally'
import { linkEnds } from '@crossfade/contracts/link'
import { eventually, turns } from '@crossfade/testkit/eventually'
import { agentsOf } from './rig-agents.ts'
import { maya, openRig, type Rig } from './rig.ts'

let rig: Rig
beforeAll(async () => {
  rig = await openRig()
})
afterEach(() => rig.disconnect())
afterAll(() => rig.close())

const { viewOf, online, rename } = agentsOf(() => rig)

describe('numbers', () => {
  it('are acknowledged after they are stored; those of unknown mappings are dropped', async () => {
    const mapping = await rig.mapping('readers')
    await rig.settled()
    const agent = await online('edge-1')
    const sample = (mappingId: string): SeriesSample => ({
      mappingId,
      side: 'new',
      via: 'split',
      tally: { ...emptyTally(), statuses: [0, 3, 0, 0, 0], requests: 3 },
      sketch: null,
    })
    const batch: StatsBatch = {
      boot: agent.boot,
      seq: 1,
      lostWindows: 0,
      windows: [{ at: rig.clock.now(), samples: [sample(mapping.id), sample('nobody-knows')] }],
    }
    agent.say({ type: 'stats', batch })
    await turns()
    await rig.clock.advanceAsync(500)
    expect(await agent.next('stats-ack')).toMatchObject({ boot: agent.boot, seq: 1 })
    const points = await rig.store.prisma.seriesPoint.findMany({ where: { resolution: 1 } })
    expect(points.map(({ mappingId, requests }) => [mappingId, requests])).toEqual([[mapping.id, 3n]])
    expect(agent.closed()).toBeNull()
  })
})

describe('mappings somebody looks at', () => {
  it('are named to every agent, also to one that comes later', async () => {
    const agent = await online('edge-1')
    rig.hub.watch('default', ['books'], 'screens')
    expect((await agent.next('watch')).mappingIds).toEqual(['books'])
    const later = rig.connect('edge-2')
    later.hello()
    expect((await later.next('watch')).mappingIds).toEqual(['books'])
  })
})

describe('a break-glass roll back', () => {
  it('is audited once however often the agent repeats it, and cleared by a person', async () => {
    const { epoch, revision } = rig.published().header
    const emergency = {
      id: 'emergency-1',
      at: '2026-01-01T00:00:00.000Z',
      by: 'sre',
      reason: 'all alarms',
      overlay: { environmentId: 'default', epoch, revision, mappingIds: ['books'], groupIds: [] },
    }
    const agent = rig.connect('edge-1')
    agent.hello({ emergencies: [emergency] })
    await agent.next('snapshot')
    const recorded = () => rig.store.prisma.change.findMany({ where: { act: 'agent.emergency' } })
    await eventually(async () => (await recorded()).length === 1)
    agent.beat({ emergencies: [emergency] })
    await agent.next('heartbeat-reply')
    const again = rig.connect('edge-1')
    again.hello({ emergencies: [emergency] })
    await again.next('welcome')
    await turns()
    const [row, ...more] = await recorded()
    expect(more).toEqual([])
    expect(row).toMatchObject({
      actorKind: 'agent',
      source: 'agent',
      reason: 'all alarms',
      alsoTouches: ['books'],
    })
    expect(row?.after).toMatchObject({ at: '2026-01-01T00:00:00.000Z', by: 'sre' })

    const view = await viewOf('edge-1')
    await rig.fleet.clearEmergency(maya, view?.id ?? '', 'emergency-1')
    expect(await again.next('clear-emergency')).toMatchObject({ id: 'emergency-1' })
    await expect(rig.fleet.clearEmergency(maya, view?.id ?? '', 'other')).rejects.toMatchObject({
      code: 'not_found',
    })
  })
})

describe('retiring', () => {
  it('ends the link of an agent and takes it off the list', async () => {
    const agent = await online('edge-1')
    const id = (await viewOf('edge-1'))?.id ?? ''
    await rig.fleet.retire(maya, id)
    expect((await agent.ended()).code).toBe(linkEnds.revoked)
    await eventually(() => rig.fleet.online('default').length === 0)
    expect(await viewOf('edge-1')).toBeUndefined()
    expect((await rig.fleet.view(id)).state).toBe('retired')
  })
})

describe('a restored database', () => {
  it('is noticed by an agent with a higher revision: one new epoch that names the old one', async () => {
    const { epoch, revision } = rig.published().header
    const ahead = { epoch, revision: revision + 7, hash: 'b'.repeat(64) }
    const one = rig.connect('edge-1')
    one.hello({ running: ahead })
    const two = rig.connect('edge-2')
    two.hello({ running: { ...ahead, revision: revision + 5 } })
    await eventually(() => rig.published().header.epoch !== epoch, 'a new epoch')
    expect(rig.published().header.previousEpoch).toBe(epoch)
    const rows = await rig.store.prisma.change.findMany({ where: { act: 'environment.epoch' } })
    expect(rows).toHaveLength(1)
    expect(rows[0]?.after).toMatchObject({
      previousEpoch: epoch,
      seenOn: expect.stringMatching(/^edge-[12]$/),
    })
  })

  it('is not suspected when the database is at that revision after all', async () => {
    const { epoch } = rig.published().header
    const behind = rig.published()
    await rename('newer')
    const agent = rig.connect('edge-1')
    agent.hello({ running: { epoch, revision: rig.published().header.revision, hash: behind.header.hash } })
    await agent.next('welcome')
    await turns()
    expect(rig.published().header.epoch).toBe(epoch)
  })
})
