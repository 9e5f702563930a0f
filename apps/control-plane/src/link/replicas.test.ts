import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { linkEnds } from '@crossfade/contracts/link'
import { Problem } from '@crossfade/contracts/problems'
import { eventually, turns } from '@crossfade/testkit/eventually'
import type { Store } from '../store/store.ts'
import { agentsOf } from './rig-agents.ts'
import { openRig, type FakeAgent, type Rig } from './rig.ts'

let rig: Rig
/** Another control plane on the same database. */
let replica: ReturnType<Rig['wireAgain']>
let isAway = false
beforeAll(async () => {
  rig = await openRig({ over: leavable })
  replica = rig.wireAgain()
  await replica.running.start()
})
afterEach(async () => {
  isAway = false
  await rig.disconnect()
  await eventually(() => replica.fleet.online('default').length === 0, 'no link at the replica')
})
afterAll(async () => {
  await replica.running.stop()
  await rig.close()
})

const { online, viewOf } = agentsOf(() => rig)
let names = 0
const aName = () => `edge-${++names}`
/** A process of the agent, at this or the other control plane. */
const process = (name: string, boot: string, where: 'here' | 'there'): FakeAgent => {
  const agent = rig.connect(name, undefined, boot, where === 'here' ? rig.hub : replica.hub)
  agent.hello()
  return agent
}
const looked = () => rig.clock.advanceAsync(3_000)

describe('two links of one agent at two control planes', () => {
  it('become one: the newer replaces the older within seconds', async () => {
    const name = aName()
    const older = process(name, 'same', 'here')
    await older.next('welcome')
    const newer = process(name, 'same', 'there')
    await newer.next('welcome')
    await looked()
    expect((await older.ended()).code).toBe(linkEnds.replaced)
    await looked()
    expect(newer.closed()).toBeNull()
    expect((await viewOf(name))?.duplicateAt).toBeNull()
  })

  it('of two processes: the one that was replaced is kept out everywhere while the other lives', async () => {
    const name = aName()
    const original = process(name, 'original', 'here')
    await original.next('welcome')
    const copy = process(name, 'copy', 'there')
    await copy.next('welcome')
    await looked()
    expect((await original.ended()).code).toBe(linkEnds.replaced)

    for (const where of ['here', 'there'] as const) {
      expect((await process(name, 'original', where).ended()).code).toBe(linkEnds.duplicate)
    }
    expect((await viewOf(name))?.duplicateAt).not.toBeNull()
    expect(copy.closed()).toBeNull()

    copy.socket.close()
    const isFree = async () =>
      (await rig.store.prisma.agent.findFirst({ where: { name } }))?.liveLink === null
    await eventually(isFree, 'the link of the copy is given up')
    const again = process(name, 'original', 'here')
    await again.next('welcome')
    expect(again.closed()).toBeNull()
  })

  it('that say hello at once end as one', async () => {
    const name = aName()
    const both = [process(name, 'left', 'here'), process(name, 'right', 'there')]
    const isGreeted = (agent: FakeAgent) =>
      agent.closed() !== null || agent.frames.some(({ type }) => type === 'welcome')
    await eventually(() => both.every(isGreeted), 'both have their answer')
    const live = () => both.filter((agent) => agent.closed() === null)
    await looked()
    await eventually(() => live().length === 1, 'one of two is live')
    await looked()
    await turns()
    expect(live()).toHaveLength(1)
  })
})

describe('an agent that comes while the database is away', () => {
  it('gets its link if it is known, which is claimed when the database is back', async () => {
    const name = aName()
    const before = await online(name)
    const { linkOf, claimed } = rowOf(name)
    const first = await linkOf()
    isAway = true
    const during = rig.connect(name, undefined, before.boot)
    during.hello({ running: before.running })
    await during.next('welcome')
    expect(await linkOf()).toBe(first)
    isAway = false
    await looked()
    await eventually(() => claimed(first), 'the link is claimed')
    expect(during.closed()).toBeNull()
  })

  it('loses it again when the agent was revoked meanwhile, or another process has taken over', async () => {
    const [outlaw, twin] = [aName(), aName()]
    const befores = [await online(outlaw), await online(twin)]
    isAway = true
    const links = befores.map(({ name, boot, running }) => {
      const link = rig.connect(name, undefined, boot)
      link.hello({ running })
      return link
    })
    for (const link of links) await link.next('welcome')
    // As another replica sees the database, which was away for this one only.
    await rig.store.prisma.agent.updateMany({ where: { name: outlaw }, data: { revokedAt: new Date() } })
    await rig.store.prisma.agent.updateMany({
      where: { name: twin },
      data: { liveLink: 'elsewhere', liveBoot: 'another', replacedBoot: befores[1]?.boot ?? '' },
    })
    isAway = false
    await looked()
    expect((await links[0]?.ended())?.code).toBe(linkEnds.revoked)
    expect((await links[1]?.ended())?.code).toBe(linkEnds.duplicate)
  })
})

function rowOf(name: string) {
  const linkOf = async () => (await rig.store.prisma.agent.findFirstOrThrow({ where: { name } })).liveLink
  return {
    linkOf,
    claimed: async (before: string | null) => {
      const now = await linkOf()
      return now !== null && now !== before
    },
  }
}

function leavable(store: Store): Store {
  const unlessAway =
    <A extends unknown[], T>(job: (...args: A) => Promise<T>) =>
    (...args: A): Promise<T> =>
      isAway ? Promise.reject(new Problem('store_unavailable')) : job(...args)
  return {
    ...store,
    read: (job) => unlessAway(() => store.read(job))(),
    transaction: (job) => unlessAway(() => store.transaction(job))(),
  }
}
