import {
  notificationTypes,
  type NotificationType,
  type WebhookCreate,
  type WebhookUpdate,
  type WebhookView,
} from '@crossfade/contracts/api/webhooks'

export interface WebhookDraft {
  readonly name: string
  readonly kind: WebhookView['kind']
  /** Empty keeps the address of a stored one. */
  readonly url: string
  readonly everywhere: boolean
  readonly events: readonly NotificationType[]
  readonly enabled: boolean
}

export const everyType = Object.keys(notificationTypes) as NotificationType[]

export const emptyWebhook: WebhookDraft = {
  name: '',
  kind: 'slack',
  url: '',
  everywhere: false,
  events: everyType,
  enabled: true,
}

export function draftOfWebhook({ name, kind, environmentId, events, enabled }: WebhookView): WebhookDraft {
  return { name, kind, url: '', everywhere: environmentId === null, events, enabled }
}

export function createInputOf(draft: WebhookDraft, environmentId: string): WebhookCreate {
  const { kind, everywhere } = draft
  return { ...common(draft), kind, url: draft.url.trim(), environmentId: everywhere ? null : environmentId }
}

export function updateInputOf(draft: WebhookDraft): WebhookUpdate {
  const url = draft.url.trim()
  return { ...common(draft), ...(url !== '' && { url }) }
}

export function webhookFieldOf(path: string): string {
  return path.split('.')[0] ?? path
}

function common({ name, events, enabled }: WebhookDraft) {
  return { name: name.trim(), events: [...events], enabled }
}
