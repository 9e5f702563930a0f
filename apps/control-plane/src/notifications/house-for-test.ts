import { randomBytes, randomUUID } from 'node:crypto'
import { webhookCreateSchema, type WebhookCreate } from '@crossfade/contracts/api/webhooks'
import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { FindAddresses } from '@crossfade/runtime/guarded-lookup'
import { createLogger } from '@crossfade/runtime/logger'
import type { ManualClock } from '@crossfade/testkit/manual-clock'
import { startUpstream, type Received, type Upstream } from '@crossfade/testkit/upstream'
import { anna } from '../acts/acts-for-test.ts'
import type { AuditKeys } from '../audit/audit-keys.ts'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import type { Store } from '../store/store.ts'
import { createNotifications, type Notifications } from './notifications.ts'

export const publicUrl = 'https://crossfade.test'
/** This machine, and a port of our own on it. */
export const loopback: AddressPolicy = { networks: ['loopback'], doors: [{ host: '127.0.0.1', port: 4401 }] }

/** Notifications over a store, as one control plane has them. */
export function testNotifications(
  store: Store,
  clock: ManualClock,
  options: { readonly keys?: AuditKeys; readonly find?: FindAddresses } = {},
): Notifications {
  return createNotifications({
    store,
    keys: options.keys ?? testAuditKeys,
    addresses: loopback,
    publicUrl,
    version: '1.2.3',
    newId: randomUUID,
    random: randomBytes,
    clock,
    logger: createLogger('test', 'silent'),
    ...(options.find && { find: options.find }),
  })
}

export interface Receiver extends Upstream {
  /** What it answers to posts from now on. */
  says(status: number, body?: string, headers?: Readonly<Record<string, string>>): void
  bodies(): { readonly type: string; readonly data: { readonly summary: string; readonly thread: string } }[]
  last(): Received
}

export async function startReceiver(): Promise<Receiver> {
  const upstream = await startUpstream()
  return {
    ...upstream,
    says: (status, body = '', headers = {}) =>
      upstream.answer((request, response) => {
        request.resume()
        request.on('end', () => response.writeHead(status, headers).end(body))
      }),
    bodies: () => upstream.received.map(({ body }) => JSON.parse(body.toString())),
    last() {
      const last = upstream.received.at(-1)
      if (!last) throw new Error('Nothing was received')
      return last
    },
  }
}

let made = 0

/** With a name nobody else has. */
export function aWebhook(
  { webhooks }: Notifications,
  input: Partial<WebhookCreate> & { readonly url: string },
) {
  const whole = { name: `hook ${++made}`, kind: 'webhook', events: ['share.changed'], ...input }
  return webhooks.create(anna, webhookCreateSchema.parse(whole))
}
