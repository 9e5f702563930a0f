import { createLogger } from '@crossfade/runtime/logger'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { createAgentWatch } from './agent-watch.ts'
import { aWebhook, testNotifications } from './house-for-test.ts'

const secondMs = 1_000

describe('agents', () => {
  let store: Store
  let clock: ManualClock
  let hook: string
  beforeEach(async () => {
    clock = manualClock(Date.UTC(2026, 0, 1))
    store = await openStoreForTest({ clock })
    const events = ['agent.offline', 'agent.refused'] as const
    const house = testNotifications(store, clock)
    hook = (await aWebhook(house, { url: 'http://127.0.0.1:9', events: [...events] })).id
  })
  afterEach(() => store.close())

  const watch = () => createAgentWatch({ store, clock, logger: createLogger('test', 'silent') })
  /** As every control plane does, once it has been up for long enough. */
  const settled = async () => {
    const one = watch()
    await one.look()
    return async () => {
      await one.look()
      const rows = await store.prisma.delivery.findMany({ where: { webhookId: hook } })
      return rows.map(({ type, thread }) => [type, thread])
    }
  }
  const anAgent = (name: string, more: object) =>
    store.prisma.agent.create({
      data: { id: name, environmentId: 'default', name, tokenId: 't', joinedAt: new Date(0), ...more },
    })
  const ago = (ms: number) => new Date(clock.now() - ms)

  it('that are away for more than a minute are told once, by however many control planes', async () => {
    const [first, second] = [await settled(), await settled()]
    clock.advance(120 * secondMs)
    await anAgent('back-soon', { lastSeenAt: ago(50 * secondMs) })
    await anAgent('away', { lastSeenAt: ago(70 * secondMs) })
    await anAgent('long-gone', { lastSeenAt: ago(2 * 3_600 * secondMs) })
    await anAgent('retired', { lastSeenAt: ago(70 * secondMs), retiredAt: ago(0) })
    await first()
    expect(await second()).toEqual([['agent.offline', 'agent:away']])
    clock.advance(15 * secondMs)
    expect(await first()).toEqual([
      ['agent.offline', 'agent:away'],
      ['agent.offline', 'agent:back-soon'],
    ])
  })

  it('with a link that nobody ended are given longer', async () => {
    const look = await settled()
    clock.advance(120 * secondMs)
    await anAgent('linked', { lastSeenAt: ago(200 * secondMs), liveLink: 'of a control plane that died' })
    expect(await look()).toEqual([])
    clock.advance(120 * secondMs)
    expect(await look()).toEqual([['agent.offline', 'agent:linked']])
  })

  it('are not said to be away while we come back ourselves', async () => {
    await anAgent('away', { lastSeenAt: ago(70 * secondMs) })
    const look = await settled()
    clock.advance(119 * secondMs)
    expect(await look()).toEqual([])
    clock.advance(secondMs)
    expect(await look()).toEqual([['agent.offline', 'agent:away']])
  })

  it('that refuse a snapshot are told of, once for each refusal', async () => {
    const look = await settled()
    clock.advance(120 * secondMs)
    const status = (at: Date) => ({
      boot: 'b',
      running: null,
      overlayRevision: null,
      refused: null,
      refusal: { at: at.toISOString(), phase: 'shape', errors: [{ path: 'mappings.0', message: 'No' }] },
      clockOffsetMs: null,
      health: {},
      emergencies: [],
      warnings: [],
    })
    await anAgent('strict', { lastSeenAt: ago(0), liveLink: 'l', status: status(ago(secondMs)) })
    await look()
    expect(await look()).toEqual([['agent.refused', 'agent:strict']])
    await store.prisma.agent.update({ where: { id: 'strict' }, data: { status: status(ago(0)) } })
    expect(await look()).toHaveLength(2)
  })
})
