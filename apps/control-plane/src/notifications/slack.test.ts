import type { Notification, NotificationType } from '@crossfade/contracts/api/webhooks'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anna, testActs, type TestActs } from '../acts/acts-for-test.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import type { NotificationEvent } from './events.ts'
import { aWebhook, startReceiver, testNotifications, type Receiver } from './house-for-test.ts'
import type { Notifications } from './notifications.ts'
import { notify } from './notify.ts'
import { slackBody } from './slack.ts'

const object = { kind: 'mapping', id: 'm', name: 'books' }
const event = (key: string, more: Partial<NotificationEvent> = {}): NotificationEvent => ({
  key,
  type: 'ramp.verdict',
  at: '2026-01-01T00:00:00.000Z',
  environmentId: 'default',
  thread: 'ramp:r',
  summary: key,
  actor: null,
  object,
  act: null,
  change: null,
  before: null,
  after: null,
  reason: null,
  ...more,
})
const told = (summary: string, reason: string | null = null): Notification => ({
  type: 'ramp.verdict',
  timestamp: '2026-01-01T00:00:00.000Z',
  data: {
    ...event('k'),
    summary,
    reason,
    environment: { id: 'e', name: 'R&D' },
    link: 'https://cf.test/a?b=1&c=2',
  },
})

interface SlackMessage {
  readonly text: string
  readonly blocks: readonly {
    readonly type: string
    readonly text?: { readonly text: string }
    readonly elements?: readonly { readonly text: string }[]
  }[]
}
const read = (body: string) => JSON.parse(body) as SlackMessage

describe('a message to Slack', () => {
  it('escapes what Slack would take for markup, also mentions, and nothing else', () => {
    const { text, blocks } = read(slackBody([told('<!channel> a & b <https://evil|here>', 'a\n> b')]))
    expect(text).toBe('&lt;!channel&gt; a &amp; b &lt;https://evil|here&gt;')
    expect(blocks[0]?.text?.text).toBe(`${text}\n> a &gt; b`)
    expect(blocks[1]?.elements?.[0]?.text).toBe('R&amp;D · <https://cf.test/a?b=1&amp;c=2|Open in Crossfade>')
  })

  it('stays within what Slack takes, however much there is to tell', () => {
    const { text, blocks } = read(slackBody(Array.from({ length: 60 }, () => told('ü'.repeat(4_000)))))
    expect(text.length).toBeLessThanOrEqual(3_000)
    expect(blocks.length).toBeLessThanOrEqual(50)
    for (const block of blocks) expect(block.text?.text.length ?? 0).toBeLessThanOrEqual(3_000)
    expect(blocks.at(-2)?.text?.text).toContain('…and 40 more')
  })
})

describe('people in Slack', () => {
  let store: Store
  let acts: TestActs
  let clock: ManualClock
  let house: Notifications
  let receiver: Receiver
  beforeAll(async () => {
    clock = manualClock(Date.UTC(2026, 0, 1))
    store = await openStoreForTest({ clock })
    acts = testActs(store, clock)
    house = testNotifications(store, clock)
  })
  afterAll(() => store.close())
  beforeEach(async () => {
    receiver = await startReceiver()
    const events: NotificationType[] = [
      'ramp.changed',
      'ramp.verdict',
      'ramp.person_called',
      'share.changed',
      'share.rolled_back',
    ]
    await aWebhook(house, { url: receiver.url, kind: 'slack', events })
  })
  afterEach(async () => {
    await receiver.close()
    await store.prisma.webhook.deleteMany()
  })

  const tell = (...events: NotificationEvent[]) => store.transaction((db) => notify(db, events, clock.now()))
  const heard = async () => {
    await house.deliverer.deliverDue()
    return receiver.received.map(({ body }) => read(body.toString()).text.split('\n'))
  }

  it('hear what belongs to one ramp as one message, and of another ramp as another', async () => {
    await tell(event('a'))
    clock.advance(5_000)
    await tell(event('b'), event('other', { thread: 'ramp:s' }))
    expect(await heard()).toEqual([])
    clock.advance(10_000)
    expect(await heard()).toEqual([['a', 'b'], ['other']])
  })

  it('hear of one ramp once a minute at most, however often its verdict changes', async () => {
    for (let second = 0; second < 180; second++) {
      await tell(event(`second ${second}`))
      await house.deliverer.deliverDue()
      clock.advance(1_000)
    }
    const messages = await heard()
    expect(messages.length).toBeGreaterThanOrEqual(3)
    expect(messages.length).toBeLessThanOrEqual(4)
  })

  it('hear at once what cannot wait, with what was gathered', async () => {
    await tell(event('a'))
    await tell(event('come', { type: 'ramp.person_called' }))
    expect(await heard()).toEqual([['a', 'come']])
  })

  it('hear nothing twice, whoever tells it', async () => {
    await tell(event('a'))
    await tell(event('a'))
    clock.advance(10_000)
    expect(await heard()).toEqual([['a']])
    await tell(event('a'))
    clock.advance(3_600_000)
    expect(await heard()).toEqual([['a']])
  })

  it('hear of what hands do while a ramp is under way on its thread, and of a roll back once', async () => {
    const { id } = await acts.aMapping({ name: 'ramped' })
    const ramp = await acts.aRamp({ kind: 'mapping', id })
    const { run } = await acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
    await acts.shares.set(anna, 'mapping', id, 2, { percent: 0.5 })
    await tell(event('verdict', { thread: `ramp:${ramp.id}` }))
    clock.advance(10_000)
    expect(await heard()).toEqual([
      [
        'ramped: Started with stage 1 of 3 (1 %)',
        `Anna moved the share of ramped from ${run.percent} % to 0.5 %`,
        expect.stringContaining('ramped: '),
        'verdict',
      ],
    ])
    await acts.shares.rollBack(anna, 'mapping', id, {})
    expect((await heard())[1]).toEqual(['Anna rolled back ramped from 0.5 %'])
    const threads = await store.prisma.delivery.findMany({ where: { thread: `ramp:${ramp.id}` } })
    expect(threads).toHaveLength(2)
  })

  it('are not sent a signature, and have no secret to rotate', async () => {
    await tell(event('come', { type: 'ramp.person_called' }))
    await heard()
    expect(receiver.last().header('webhook-signature')).toBeUndefined()
    const { items } = await house.webhooks.list({ among: 'all', limit: 10 })
    const [{ id, version, secrets } = { id: '', version: 0, secrets: null }] = items
    expect(secrets).toEqual([])
    await expect(house.webhooks.rotate(anna, id, version, { graceHours: 1 })).rejects.toMatchObject({
      code: 'invalid_input',
    })
  })
})
