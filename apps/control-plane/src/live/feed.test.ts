import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { liveEventSchema, type LiveEvent } from '@crossfade/contracts/live'
import { emptyTally } from '@crossfade/core/tally'
import { eventually, turns } from '@crossfade/testkit/eventually'
import { socketPair, type FakeSocket } from '@crossfade/testkit/socket-pair'
import { maya, openRig, type Rig } from '../link/rig.ts'
import { movedShares } from './change-follower.ts'

let rig: Rig
const sockets: FakeSocket[] = []
beforeAll(async () => {
  rig = await openRig()
})
afterEach(async () => {
  for (const socket of sockets.splice(0)) socket.close()
  await rig.disconnect()
})
afterAll(() => rig.close())

type Of<T extends LiveEvent['type']> = Extract<LiveEvent, { type: T }>

/** A dashboard: every event it got, and what the contract says of each. */
function dashboard(until?: (end: () => void) => () => void) {
  const [theirs, ours] = socketPair()
  sockets.push(theirs)
  const events: LiveEvent[] = []
  let closed = false
  theirs.on('message', (data) => events.push(liveEventSchema.parse(JSON.parse(data.toString()))))
  theirs.on('close', () => {
    closed = true
  })
  rig.live.accept(ours, { environmentId: 'default', ...(until && { until }) })
  const next = <T extends LiveEvent['type']>(type: T, fits: (event: Of<T>) => boolean = () => true) =>
    eventually(
      () => events.find((event): event is Of<T> => event.type === type && fits(event as Of<T>)),
      `the dashboard gets ${type}`,
    )
  return { socket: theirs, events, next, closed: () => closed }
}

describe('the live feed', () => {
  it('begins with everything, then numbers each event without a gap', async () => {
    const mapping = await rig.mapping('hello')
    await rig.settled()
    const screen = dashboard()
    const hello = await screen.next('hello')
    expect(hello).toMatchObject({
      n: 0,
      environmentId: 'default',
      epoch: rig.published().header.epoch,
      revision: rig.published().header.revision,
    })
    expect(hello.shares).toContainEqual({ mappingId: mapping.id, percent: 0, shareVersion: 1 })
    await rig.acts.shares.set(maya, 'mapping', mapping.id, 1, { percent: 5 })
    await screen.next('change')
    await rig.clock.advanceAsync(3_000)
    expect(screen.events.map(({ n }) => n)).toEqual(screen.events.map((_, index) => index))
  })

  it('tells each change once, with the shares it moved', async () => {
    const group = await rig.mapping('change')
    await rig.settled()
    const [one, two] = [dashboard(), dashboard()]
    await one.next('hello')
    await two.next('hello')
    const { revision } = await rig.acts.shares.set(maya, 'mapping', group.id, 1, { percent: 12.5 })
    for (const screen of [one, two]) {
      expect(await screen.next('change')).toMatchObject({
        revision,
        change: { act: 'mapping.share', actor: { name: 'Maya' }, object: { id: group.id } },
        shares: [{ mappingId: group.id, percent: 12.5, shareVersion: 2 }],
      })
    }
    await rig.clock.advanceAsync(5_000)
    expect(one.events.filter(({ type }) => type === 'change')).toHaveLength(1)
  })

  it('tells changes without a revision too, within seconds', async () => {
    const screen = dashboard()
    await screen.next('hello')
    const object = { kind: 'agent-token', id: 'token-9', name: 'a token' }
    await rig.store.change(maya, 'default', async (tx) =>
      tx.record({ act: 'agent-token.create', object, before: null, after: null }),
    )
    await rig.clock.advanceAsync(2_000)
    expect((await screen.next('change')).change).toMatchObject({ act: 'agent-token.create', revision: null })
  })

  it('follows a revision to the last agent', async () => {
    const agent = rig.connect('edge-1')
    agent.hello()
    agent.ack(await agent.next('snapshot'))
    const screen = dashboard()
    await screen.next('hello')
    const mapping = await rig.mapping('converge')
    const push = await agent.next('delta')
    const { revision } = rig.published().header
    await rig.clock.advanceAsync(100)
    expect(await screen.next('convergence', (event) => event.revision === revision)).toMatchObject({
      live: 0,
      total: 1,
      waitingFor: ['edge-1'],
    })
    agent.ack(push)
    await turns()
    await rig.clock.advanceAsync(150)
    const done = await screen.next('convergence', (event) => event.revision === revision && event.live === 1)
    expect(done).toMatchObject({ total: 1, waitingFor: [], ms: 100 })
    expect(await screen.next('agent', ({ agent: view }) => view.inStep)).toBeDefined()
    expect(mapping.name).toBe('converge')
  })

  it('sends the last complete second at most once a second, and asks agents to watch closely', async () => {
    const mapping = await rig.mapping('numbers')
    await rig.settled()
    const agent = rig.connect('edge-1')
    agent.hello()
    agent.ack(await agent.next('snapshot'))
    const screen = dashboard()
    await screen.next('hello')
    screen.socket.send(JSON.stringify({ type: 'watch', mappingIds: [mapping.id] }))
    expect((await agent.next('watch')).mappingIds).toEqual([mapping.id])

    const at = Math.floor(rig.clock.now() / 1000) * 1000
    const tally = {
      ...emptyTally(),
      requests: 7,
      statuses: [0, 7, 0, 0, 0] as [number, number, number, number, number],
    }
    const samples = [
      { mappingId: mapping.id, side: 'new' as const, via: 'split' as const, tally, sketch: null },
    ]
    agent.say({
      type: 'stats',
      batch: { boot: agent.boot, seq: 1, lostWindows: 0, windows: [{ at, samples }] },
    })
    await turns()
    await rig.clock.advanceAsync(3_000)
    const numbers = screen.events.filter((event): event is Of<'numbers'> => event.type === 'numbers')
    expect(numbers).toHaveLength(3)
    expect(numbers.filter(({ mappings }) => mappings.length > 0)).toMatchObject([
      { at, mappings: [{ mappingId: mapping.id, legacy: null, new: { requests: 7 } }] },
    ])
    screen.socket.close()
    expect((await agent.next('watch')).mappingIds).toEqual([])
  })

  it('ends when rights end, and refuses what is not a request', async () => {
    let end = () => {}
    let isRegistered = true
    const screen = dashboard((callback) => {
      end = callback
      return () => {
        isRegistered = false
      }
    })
    await screen.next('hello')
    end()
    expect(await screen.next('bye')).toMatchObject({ reason: 'signed-out' })
    await eventually(() => screen.closed())
    expect(isRegistered).toBe(false)

    const rude = dashboard()
    await rude.next('hello')
    rude.socket.send('{"type":"shout"}')
    await eventually(() => rude.closed())
  })
})

describe('moved shares', () => {
  it('are those with another percent or version, and new mappings', () => {
    const a = { mappingId: 'a', percent: 1, shareVersion: 1 }
    const b = { mappingId: 'b', percent: 2, shareVersion: 1 }
    const c = { mappingId: 'c', percent: 3, shareVersion: 1 }
    expect(movedShares([a, b], [a, { ...b, shareVersion: 2 }, c])).toEqual([{ ...b, shareVersion: 2 }, c])
  })
})
