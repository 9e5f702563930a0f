import type { AddressPolicy } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import type { FindAddresses } from '@crossfade/runtime/guarded-lookup'
import { lifecycle, type Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import type { AuditKeys } from '../audit/audit-keys.ts'
import type { Store } from '../store/store.ts'
import { createAgentWatch } from './agent-watch.ts'
import { createDeliverer, type Deliverer } from './deliverer.ts'
import { secretBox } from './secret-box.ts'
import { webhookActs, type WebhookActs } from './webhooks.ts'

export interface Notifications {
  readonly webhooks: WebhookActs
  readonly deliverer: Deliverer
  readonly running: Part
}

/** Who is told, and the telling of it. What is told is written down by `notify`, in the transactions of others. */
export function createNotifications(parts: {
  readonly store: Store
  /** From them the key of what is sealed is derived. */
  readonly keys: AuditKeys
  readonly addresses: AddressPolicy
  readonly publicUrl: string
  readonly version: string
  readonly newId: () => string
  readonly random: (bytes: number) => Uint8Array
  readonly clock: Clock
  readonly logger: Logger
  readonly find?: FindAddresses
}): Notifications {
  const { store, clock, logger, random } = parts
  const all = {
    ...parts,
    box: secretBox(parts.keys, random),
    userAgent: `Crossfade/${parts.version}`,
    chance: () => Buffer.from(random(4)).readUInt32BE() / 2 ** 32,
  }
  const deliverer = createDeliverer(all)
  const running = lifecycle([deliverer, createAgentWatch({ store, clock, logger })])
  return { webhooks: webhookActs({ ...all, deliverer }), deliverer, running }
}
