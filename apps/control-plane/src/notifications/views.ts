import type { DeliveryView, NotificationType, WebhookView } from '@crossfade/contracts/api/webhooks'
import type { DeliveryRow } from '../store/deliveries.ts'
import { secretsOf, type WebhookRow, type WebhookRowWithLast } from '../store/webhooks.ts'
import type { NotificationEvent } from './events.ts'

/** Without address and secrets: for answers and for the trail alike. */
export function webhookView(row: WebhookRowWithLast): WebhookView {
  const [last] = row.deliveries
  return {
    id: row.id,
    environmentId: row.environmentId,
    name: row.name,
    kind: row.kind as WebhookView['kind'],
    address: row.shownAddress,
    events: row.events as NotificationType[],
    enabled: row.enabled,
    disabledReason: row.disabledReason,
    secrets: secretsOf(row).map(({ createdAt, expiresAt }) => ({ createdAt, expiresAt })),
    lastDelivery: last
      ? { status: last.status as DeliveryView['status'], at: last.createdAt.toISOString() }
      : null,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
  }
}

export function deliveryView(row: DeliveryRow): DeliveryView {
  const events = row.events as unknown as NotificationEvent[]
  const [first] = events
  const more = events.length > 1 ? ` (and ${events.length - 1} more)` : ''
  return {
    id: row.id,
    webhookId: row.webhookId,
    type: row.type,
    summary: `${first?.summary ?? ''}${more}`,
    status: row.status as DeliveryView['status'],
    attempts: row.attempts,
    nextTryAt: row.nextTryAt?.toISOString() ?? null,
    createdAt: row.createdAt.toISOString(),
    log: row.log as unknown as DeliveryView['log'],
  }
}

export function objectOf({ id, name }: Pick<WebhookRow, 'id' | 'name'>) {
  return { kind: 'webhook', id, name }
}
