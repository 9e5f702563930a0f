import type { z } from 'zod'
import {
  testType,
  type DeliveryView,
  type webhookCreateSchema,
  type WebhookCreated,
  type webhookRotateSchema,
  type webhookUpdateSchema,
  type WebhookView,
} from '@crossfade/contracts/api/webhooks'
import { Problem } from '@crossfade/contracts/problems'
import { problemOfUrl } from '@crossfade/core/configured-address'
import { found, refuseIf, refuseStale } from '../acts/refusals.ts'
import type { Author } from '../store/author.ts'
import {
  abandonDeliveries,
  findDelivery,
  insertClaimed,
  listDeliveries,
  reopenDelivery,
} from '../store/deliveries.ts'
import type { ListQuery, Page, PageQuery } from '../store/page.ts'
import type { Db } from '../store/store.ts'
import {
  findWebhook,
  insertWebhook,
  isWebhookNameTaken,
  listWebhooks,
  removeWebhook,
  secretsOf,
  updateWebhook,
  type StoredSecret,
} from '../store/webhooks.ts'
import type { Deliverer, DelivererParts } from './deliverer.ts'
import type { NotificationEvent } from './events.ts'
import { newSecret } from './sign.ts'
import { deliveryView, objectOf, webhookView } from './views.ts'

export interface WebhookActs {
  list(query: ListQuery): Promise<Page<WebhookView>>
  get(id: string): Promise<WebhookView>
  /** The signing secret is in this answer and nowhere else. */
  create(author: Author, input: z.output<typeof webhookCreateSchema>): Promise<WebhookCreated>
  update(
    author: Author,
    id: string,
    ifVersion: number,
    input: z.output<typeof webhookUpdateSchema>,
  ): Promise<WebhookView>
  remove(author: Author, id: string, ifVersion: number): Promise<void>
  /** A new secret signs from now on, those before beside it for the hours of grace. */
  rotate(
    author: Author,
    id: string,
    ifVersion: number,
    input: z.output<typeof webhookRotateSchema>,
  ): Promise<WebhookCreated>
  /** Sends a test at once, also to a disabled one; its one attempt is in the answer. */
  test(author: Author, id: string): Promise<DeliveryView>
  deliveries(id: string, query: PageQuery): Promise<Page<DeliveryView>>
  redeliver(author: Author, deliveryId: string): Promise<DeliveryView>
}

/** Of one webhook at once; the oldest goes first. */
const mostSecrets = 5
const hourMs = 3_600_000
const claimMs = 60_000

export function webhookActs(
  parts: DelivererParts & {
    readonly deliverer: Deliverer
    readonly newId: () => string
    readonly random: (bytes: number) => Uint8Array
  },
): WebhookActs {
  const { store, clock, box, addresses, random, newId } = parts
  const find = async (db: Db, id: string) => found(await findWebhook(db, id), 'webhook')
  const environmentOf = async (id: string) => (await store.read((db) => find(db, id))).environmentId
  const iso = (ms: number) => new Date(ms).toISOString()

  const refuseAddress = (url: string) => {
    const message = problemOfUrl(url, 'webhook', addresses)
    refuseIf(message === null ? [] : [{ path: 'url', message }], 'invalid_address')
  }
  const sealedAddress = (url: string, id: string) => ({
    address: box.seal(url, id),
    shownAddress: shownOf(url),
  })
  const makeSecret = (id: string) => {
    const secret = newSecret(random)
    const stored: StoredSecret = {
      sealed: box.seal(secret, id),
      createdAt: iso(clock.now()),
      expiresAt: null,
    }
    return { secret, stored }
  }

  return {
    async list(query) {
      const page = await store.read((db) => listWebhooks(db, query))
      return { ...page, items: page.items.map(webhookView) }
    },

    get: async (id) => webhookView(await store.read((db) => find(db, id))),

    async create(author, { environmentId, name, kind, url, events, enabled }) {
      refuseAddress(url)
      const id = newId()
      const made = kind === 'webhook' ? makeSecret(id) : null
      const { value } = await store.change(author, environmentId, async (tx) => {
        await refuseTakenName(tx.db, environmentId, name)
        const row = await insertWebhook(tx.db, {
          id,
          environmentId,
          name,
          kind,
          ...sealedAddress(url, id),
          events,
          enabled,
          disabledReason: null,
          secrets: made ? [made.stored] : [],
        })
        tx.record({ act: 'webhook.create', object: objectOf(row), before: null, after: webhookView(row) })
        return row
      })
      return { ...webhookView(value), secret: made?.secret ?? null }
    },

    async update(author, id, ifVersion, { name, url, events, enabled }) {
      if (url !== undefined) refuseAddress(url)
      const environmentId = await environmentOf(id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const before = await find(tx.db, id)
        await refuseStale(tx.db, before, ifVersion)
        await refuseTakenName(tx.db, environmentId, name, id)
        const address = url === undefined ? {} : sealedAddress(url, id)
        const changes = { name, events, enabled, disabledReason: enabled ? null : before.disabledReason }
        const row = await updateWebhook(tx.db, before, { ...changes, ...address })
        if (!enabled) await abandonDeliveries(tx.db, id)
        const views = { before: webhookView(before), after: webhookView(row) }
        tx.record({ act: 'webhook.update', object: objectOf(row), ...views })
        return row
      })
      return webhookView(value)
    },

    async remove(author, id, ifVersion) {
      await store.change(author, await environmentOf(id), async (tx) => {
        const row = await find(tx.db, id)
        await refuseStale(tx.db, row, ifVersion)
        await removeWebhook(tx.db, id, ifVersion)
        tx.record({ act: 'webhook.delete', object: objectOf(row), before: webhookView(row), after: null })
      })
    },

    async rotate(author, id, ifVersion, { graceHours }) {
      const made = makeSecret(id)
      const { value } = await store.change(author, await environmentOf(id), async (tx) => {
        const before = await find(tx.db, id)
        await refuseStale(tx.db, before, ifVersion)
        if (before.kind !== 'webhook') {
          throw new Problem('invalid_input', { detail: 'Slack messages are not signed: there is no secret' })
        }
        const secrets = [made.stored, ...ending(secretsOf(before), clock.now(), graceHours * hourMs)]
        const row = await updateWebhook(tx.db, before, { secrets: secrets.slice(0, mostSecrets) })
        const views = { before: webhookView(before), after: webhookView(row) }
        tx.record({ act: 'webhook.rotate', object: objectOf(row), ...views })
        return row
      })
      return { ...webhookView(value), secret: made.secret }
    },

    async test(author, id) {
      const { value: claimed } = await store.change(author, await environmentOf(id), async (tx) => {
        const webhook = await find(tx.db, id)
        const event = testEvent(author, webhook, newId(), iso(clock.now()))
        const now = new Date(clock.now())
        const delivery = await insertClaimed(
          tx.db,
          {
            webhookId: id,
            eventKey: event.key,
            thread: event.thread,
            type: event.type,
            events: [event],
            createdAt: now,
            nextTryAt: new Date(now.getTime() + claimMs),
          },
          new Date(now.getTime() + claimMs),
        )
        tx.record({ act: 'webhook.test', object: objectOf(webhook), before: null, after: null })
        return { delivery, webhook }
      })
      await parts.deliverer.deliver(claimed, true)
      return deliveryView(found(await store.read((db) => findDelivery(db, claimed.delivery.id)), 'delivery'))
    },

    async deliveries(id, query) {
      const page = await store.read(async (db) => {
        await find(db, id)
        return await listDeliveries(db, id, query)
      })
      return { ...page, items: page.items.map(deliveryView) }
    },

    async redeliver(author, deliveryId) {
      const { webhookId } = found(await store.read((db) => findDelivery(db, deliveryId)), 'delivery')
      const { value } = await store.change(author, await environmentOf(webhookId), async (tx) => {
        const webhook = await find(tx.db, webhookId)
        if (!webhook.enabled) throw new Problem('webhook_disabled')
        const row = found(await findDelivery(tx.db, deliveryId), 'delivery')
        if (await reopenDelivery(tx.db, row, new Date(clock.now()))) {
          const after = { delivery: deliveryId, type: row.type }
          tx.record({ act: 'webhook.redeliver', object: objectOf(webhook), before: null, after })
        }
        return found(await findDelivery(tx.db, deliveryId), 'delivery')
      })
      return deliveryView(value)
    },
  }
}

async function refuseTakenName(
  db: Db,
  environmentId: string | null,
  name: string,
  except?: string,
): Promise<void> {
  if (!(await isWebhookNameTaken(db, environmentId, name, except))) return
  const errors = [{ path: 'name', message: 'That name is taken' }]
  throw new Problem('duplicate_name', { detail: `The name ${name} is taken`, errors })
}

/** Those that are still good, none for longer than the grace. */
function ending(secrets: readonly StoredSecret[], now: number, graceMs: number): StoredSecret[] {
  const end = now + graceMs
  return secrets
    .map((secret) => {
      const until = Math.min(end, secret.expiresAt === null ? end : Date.parse(secret.expiresAt))
      return { ...secret, expiresAt: new Date(until).toISOString() }
    })
    .filter(({ expiresAt }) => Date.parse(expiresAt) > now)
}

/** Scheme and host: path and query are what lets one post to many receivers. */
function shownOf(url: string): string {
  const { origin, pathname, search } = new URL(url)
  return pathname === '/' && search === '' ? origin : `${origin}/…`
}

function testEvent(
  { actor }: Author,
  webhook: { readonly id: string; readonly name: string; readonly environmentId: string | null },
  key: string,
  at: string,
): NotificationEvent {
  return {
    key: `test:${key}`,
    type: testType,
    at,
    environmentId: webhook.environmentId,
    thread: `webhook:${webhook.id}`,
    summary: `${actor.name} tests the webhook ${webhook.name}`,
    actor,
    object: objectOf(webhook),
    act: null,
    change: null,
    before: null,
    after: null,
    reason: null,
  }
}
