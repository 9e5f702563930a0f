import { createHmac, timingSafeEqual } from 'node:crypto'
import { environmentInputSchema } from '@crossfade/contracts/api/environments'
import {
  notificationSchema,
  webhookRotateSchema,
  webhookUpdateSchema,
} from '@crossfade/contracts/api/webhooks'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import type { Received } from '@crossfade/testkit/upstream'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { anna, testActs, type TestActs } from '../acts/acts-for-test.ts'
import { auditKeys } from '../audit/audit-keys.ts'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { aWebhook, startReceiver, testNotifications, type Receiver } from './house-for-test.ts'
import type { Notifications } from './notifications.ts'

const minuteMs = 60_000
const hourMs = 60 * minuteMs

/** As a receiver would, from https://www.standardwebhooks.com and nothing of ours. */
function isSignedWith(secret: string, message: Received): boolean {
  const key = Buffer.from(secret.replace(/^whsec_/, ''), 'base64')
  const text = `${message.header('webhook-id')}.${message.header('webhook-timestamp')}.${message.body.toString()}`
  const expected = createHmac('sha256', key).update(text).digest()
  return (message.header('webhook-signature') ?? '').split(' ').some((signature) => {
    const [version, value = ''] = signature.split(',')
    const given = Buffer.from(value, 'base64')
    return version === 'v1' && given.length === expected.length && timingSafeEqual(given, expected)
  })
}

describe.each(testEngines())('notifications on $name', (engine) => {
  let store: Store
  let acts: TestActs
  let clock: ManualClock
  let house: Notifications
  let receiver: Receiver

  beforeAll(async () => {
    await engine.start()
    clock = manualClock(Date.UTC(2026, 0, 1))
    store = await engine.open({ clock })
    acts = testActs(store)
    house = testNotifications(store, clock)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })
  beforeEach(async () => {
    receiver = await startReceiver()
  })
  afterEach(async () => {
    await receiver.close()
    await store.prisma.webhook.deleteMany()
  })

  const moved = async (name: string) => {
    const mapping = await acts.aMapping({ name })
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 10, reason: 'first tenth' })
    return mapping
  }
  const deliveries = async (id: string) => (await house.webhooks.deliveries(id, { limit: 100 })).items
  const theOnly = async (id: string) => {
    const [first, ...others] = await deliveries(id)
    if (!first || others.length > 0) throw new Error(`There are ${others.length + 1} deliveries`)
    return first
  }

  const nextTry = async (id: string) => {
    const { nextTryAt } = await theOnly(id)
    return nextTryAt === null ? null : Date.parse(nextTryAt)
  }

  it('carry what happened, once, and a signature that others can verify', async () => {
    const webhook = await aWebhook(house, { url: `${receiver.url}/hooks?key=k` })
    const mapping = await moved('signed')
    await house.deliverer.deliverDue()
    await house.deliverer.deliverDue()
    expect(receiver.received).toHaveLength(1)
    const message = receiver.last()
    expect(message).toMatchObject({ method: 'POST', target: '/hooks?key=k' })
    expect(message.header('content-type')).toBe('application/json')
    expect(message.header('webhook-timestamp')).toBe(String(clock.now() / 1_000))
    expect(isSignedWith(webhook.secret ?? '', message)).toBe(true)
    expect(isSignedWith(`whsec_${Buffer.alloc(32).toString('base64')}`, message)).toBe(false)
    const told = notificationSchema.parse(JSON.parse(message.body.toString()))
    expect(told).toMatchObject({
      type: 'share.changed',
      data: {
        thread: `mapping:${mapping.id}`,
        summary: 'Anna moved the share of signed from 0 % to 10 %',
        environment: { id: 'default', name: 'default' },
        actor: { kind: 'user', name: 'Anna' },
        before: { percent: 0 },
        after: { percent: 10 },
        reason: 'first tenth',
        link: `https://crossfade.test/mappings/${mapping.id}?environment=default`,
      },
    })
    expect(await theOnly(webhook.id)).toMatchObject({
      status: 'delivered',
      attempts: 1,
      nextTryAt: null,
      log: [{ status: 200, error: null, excerpt: 'ok' }],
    })
  })

  it('are written down only if what they tell happens', async () => {
    const webhook = await aWebhook(house, { url: receiver.url })
    const lost = store.change(anna, 'default', async (tx) => {
      tx.record({
        act: 'mapping.share',
        object: { kind: 'mapping', id: 'm', name: 'm' },
        before: null,
        after: null,
      })
      await tx.db.segment.create({
        data: { id: 's', environmentId: 'nowhere', name: 's', side: 'new', conditions: [] },
      })
    })
    await expect(lost).rejects.toThrow(/Foreign key/)
    expect(await deliveries(webhook.id)).toEqual([])
  })

  it('go to those who want them, in their environment or in all', async () => {
    const other = await acts.environments.create(anna, environmentInputSchema.parse({ name: 'elsewhere' }))
    const hooks = {
      here: await aWebhook(house, { url: receiver.url }),
      all: await aWebhook(house, { url: receiver.url, environmentId: null }),
      elsewhere: await aWebhook(house, { url: receiver.url, environmentId: other.id }),
      deaf: await aWebhook(house, { url: receiver.url, events: ['freeze.changed'] }),
      disabled: await aWebhook(house, { url: receiver.url, enabled: false }),
    }
    await moved('wanted')
    const counts: Record<string, number> = {}
    for (const [name, { id }] of Object.entries(hooks)) counts[name] = (await deliveries(id)).length
    expect(counts).toEqual({ here: 1, all: 1, elsewhere: 0, deaf: 0, disabled: 0 })
  })

  it('are tried again, ever later, for about a day, and then given up', async () => {
    receiver.says(500, 'try\u001b[31m later')
    const webhook = await aWebhook(house, { url: receiver.url })
    await moved('stubborn')
    const began = clock.now()
    const gaps: number[] = []
    await house.deliverer.deliverDue()
    for (let at = await nextTry(webhook.id); at !== null; at = await nextTry(webhook.id)) {
      const gap = at - clock.now()
      gaps.push(gap)
      clock.advance(gap - 1)
      await house.deliverer.deliverDue()
      expect(receiver.received).toHaveLength(gaps.length)
      clock.advance(1)
      await house.deliverer.deliverDue()
    }
    expect((await theOnly(webhook.id)).status).toBe('dead')
    expect(gaps).toEqual(gaps.toSorted((a, b) => a - b))
    expect(gaps[0]).toBeLessThan(6_000)
    expect((clock.now() - began) / hourMs).toBeGreaterThan(20)
    expect((clock.now() - began) / hourMs).toBeLessThan(28)
    const ids = new Set(receiver.received.map((message) => message.header('webhook-id')))
    const times = new Set(receiver.received.map((message) => message.header('webhook-timestamp')))
    expect([ids.size, times.size]).toEqual([1, receiver.received.length])
    expect(receiver.received.every((message) => isSignedWith(webhook.secret ?? '', message))).toBe(true)
    const { log } = await theOnly(webhook.id)
    expect(log.at(-1)).toMatchObject({
      status: 500,
      error: 'answered 500',
      excerpt: 'try\\u001b[31m later',
    })
  })

  it('given up can be sent again by hand, and have all their retries', async () => {
    receiver.says(410)
    const webhook = await aWebhook(house, { url: receiver.url })
    await moved('gone')
    await house.deliverer.deliverDue()
    const dead = await theOnly(webhook.id)
    expect(dead).toMatchObject({ status: 'dead', attempts: 1 })
    await expect(house.webhooks.redeliver(anna, dead.id)).rejects.toMatchObject({ code: 'webhook_disabled' })
    const { name, events, version } = await house.webhooks.get(webhook.id)
    const enabled = webhookUpdateSchema.parse({ name, events, enabled: true })
    await house.webhooks.update(anna, webhook.id, version, enabled)

    receiver.says(503)
    expect(await house.webhooks.redeliver(anna, dead.id)).toMatchObject({ status: 'pending' })
    await house.deliverer.deliverDue()
    expect(await theOnly(webhook.id)).toMatchObject({ status: 'pending', attempts: 2 })
    receiver.says(200)
    clock.advance(10_000)
    await house.deliverer.deliverDue()
    expect(await theOnly(webhook.id)).toMatchObject({ status: 'delivered', attempts: 3 })
    const ids = receiver.received.map((message) => message.header('webhook-id'))
    expect(new Set(ids)).toEqual(new Set([dead.id]))
  })

  it('end when the receiver says it is gone: the webhook is disabled, audited, and nothing waits', async () => {
    receiver.says(500)
    const webhook = await aWebhook(house, { url: receiver.url })
    await moved('before it went')
    await house.deliverer.deliverDue()
    receiver.says(410)
    await moved('after it went')
    await house.deliverer.deliverDue()
    expect(await house.webhooks.get(webhook.id)).toMatchObject({
      enabled: false,
      disabledReason: 'The receiver answered 410: it is gone',
    })
    expect((await deliveries(webhook.id)).map(({ status }) => status)).toEqual(['dead', 'dead'])
    const acted = await acts.historyOf(webhook.id)
    expect(acted.map(({ act, actor }) => [act, actor.kind])).toEqual([
      ['webhook.create', 'user'],
      ['webhook.disable', 'system'],
    ])
  })

  it('wait as long as the receiver asks', async () => {
    receiver.says(429, '', { 'retry-after': '1800' })
    const webhook = await aWebhook(house, { url: receiver.url })
    await moved('busy')
    await house.deliverer.deliverDue()
    expect((await theOnly(webhook.id)).nextTryAt).toBe(new Date(clock.now() + 30 * minuteMs).toISOString())
  })

  it('never follow a redirect', async () => {
    const other = await startReceiver()
    receiver.says(307, '', { location: other.url })
    const webhook = await aWebhook(house, { url: receiver.url })
    await moved('redirected')
    await house.deliverer.deliverDue()
    const { log, status } = await theOnly(webhook.id)
    expect([status, log[0]?.error]).toEqual([
      'pending',
      '127.0.0.1: answered 307; redirects are not followed',
    ])
    expect(other.received).toHaveLength(0)
    await other.close()
  })

  it('are not sent where a name leads to a forbidden address', async () => {
    const find = async () => [{ address: '169.254.169.254', family: 4 }] as const
    const rebound = testNotifications(store, clock, { find })
    const webhook = await aWebhook(rebound, { url: `http://hooks.example.com:${receiver.port}/secret-path` })
    await moved('rebound')
    await rebound.deliverer.deliverDue()
    const { log, status } = await theOnly(webhook.id)
    expect(status).toBe('pending')
    expect(log[0]?.status).toBeNull()
    expect(log[0]?.error).toMatch(/^hooks\.example\.com: /)
    expect(JSON.stringify(log)).not.toContain('secret-path')
    expect(receiver.received).toHaveLength(0)
  })

  it('are sent once by two control planes, and by another when one dies over it', async () => {
    const other = testNotifications(store, clock)
    const webhook = await aWebhook(house, { url: receiver.url })
    for (let i = 0; i < 6; i++) await moved(`shared ${i}`)
    await Promise.all([house.deliverer.deliverDue(), other.deliverer.deliverDue()])
    const ids = receiver.received.map((message) => message.header('webhook-id'))
    expect([ids.length, new Set(ids).size]).toEqual([6, 6])

    await moved('left behind')
    const claimed = { attempts: 1, claimedTill: new Date(clock.now() + minuteMs) }
    await store.prisma.delivery.updateMany({
      where: { webhookId: webhook.id, status: 'pending' },
      data: { ...claimed, nextTryAt: claimed.claimedTill },
    })
    await other.deliverer.deliverDue()
    expect(receiver.received).toHaveLength(6)
    clock.advance(minuteMs)
    await other.deliverer.deliverDue()
    expect(receiver.received).toHaveLength(7)
    expect((await deliveries(webhook.id)).every(({ status }) => status === 'delivered')).toBe(true)
  })

  it('are signed by several secrets while they are rotated, and only by those in force', async () => {
    const webhook = await aWebhook(house, { url: receiver.url })
    const rotate = async (graceHours: number) => {
      const { version } = await house.webhooks.get(webhook.id)
      const input = webhookRotateSchema.parse({ graceHours })
      return (await house.webhooks.rotate(anna, webhook.id, version, input)).secret ?? ''
    }
    const first = webhook.secret ?? ''
    const second = await rotate(2)
    await moved('rotated')
    await house.deliverer.deliverDue()
    expect(receiver.last().header('webhook-signature')?.split(' ')).toHaveLength(2)
    expect([first, second].map((secret) => isSignedWith(secret, receiver.last()))).toEqual([true, true])

    clock.advance(2 * hourMs)
    await moved('rotated for good')
    await house.deliverer.deliverDue()
    expect([first, second].map((secret) => isSignedWith(secret, receiver.last()))).toEqual([false, true])
    const third = await rotate(0)
    await moved('leaked')
    await house.deliverer.deliverDue()
    expect([second, third].map((secret) => isSignedWith(secret, receiver.last()))).toEqual([false, true])
  })

  it('outlive a new audit key while the old one is given, and say so when it is not', async () => {
    const webhook = await aWebhook(house, { url: receiver.url })
    const older = 'a key for tests, of no other use'
    await moved('rekeyed')
    await testNotifications(store, clock, { keys: auditKeys('another', [older]) }).deliverer.deliverDue()
    expect(isSignedWith(webhook.secret ?? '', receiver.last())).toBe(true)
    await moved('locked out')
    await testNotifications(store, clock, { keys: auditKeys('another') }).deliverer.deliverDue()
    expect(receiver.received).toHaveLength(1)
    expect((await deliveries(webhook.id))[0]?.log[0]?.error).toMatch(/audit key that is not given/)
  })

  it('can be tested: the answer says what the receiver said, and a failed test is not repeated', async () => {
    const webhook = await aWebhook(house, { url: receiver.url, enabled: false })
    receiver.says(202, 'thanks')
    const passed = await house.webhooks.test(anna, webhook.id)
    expect(passed).toMatchObject({ type: 'webhook.test', status: 'delivered', attempts: 1 })
    expect(passed.log).toMatchObject([{ status: 202, error: null, excerpt: 'thanks' }])
    expect(isSignedWith(webhook.secret ?? '', receiver.last())).toBe(true)
    receiver.says(500)
    expect(await house.webhooks.test(anna, webhook.id)).toMatchObject({ status: 'dead', nextTryAt: null })
    clock.advance(hourMs)
    await house.deliverer.deliverDue()
    expect(receiver.received).toHaveLength(2)
    expect((await acts.historyOf(webhook.id)).map(({ act }) => act)).toEqual([
      'webhook.create',
      'webhook.test',
      'webhook.test',
    ])
  })

  it('keep address and secrets out of answers, trail, deliveries and the database', async () => {
    const webhook = await aWebhook(house, { url: `${receiver.url}/hooks/T0P53CR3T?token=abc123` })
    const secret = webhook.secret ?? ''
    receiver.answer((request, response) => {
      request.resume()
      request.on('end', () => response.writeHead(400).end(`${receiver.url}${request.url} ${secret}`))
    })
    await moved('quiet')
    await house.deliverer.deliverDue()
    const { secret: _once, ...view } = webhook
    expect(view.address).toBe(`${receiver.url}/…`)
    const [rows, trail] = [await store.prisma.webhook.findMany(), await acts.historyOf(webhook.id)]
    const everything = JSON.stringify([
      view,
      await house.webhooks.get(webhook.id),
      await deliveries(webhook.id),
      await store.prisma.delivery.findMany(),
      rows,
      trail,
    ])
    for (const hidden of ['T0P53CR3T', 'abc123', secret, secret.slice('whsec_'.length)]) {
      expect(everything).not.toContain(hidden)
    }
    expect(everything).toContain('[redacted]')
  })
})
