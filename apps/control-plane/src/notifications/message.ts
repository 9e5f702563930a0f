import type { Notification } from '@crossfade/contracts/api/webhooks'
import type { NotificationEvent } from './events.ts'

/** An event as receivers get it. `environmentName` is null for what is of the whole installation. */
export function notificationOf(
  event: NotificationEvent,
  environmentName: string | null,
  publicUrl: string,
): Notification {
  const { type, at, environmentId, key: _key, ...data } = event
  return {
    type,
    timestamp: at,
    data: {
      ...data,
      environment:
        environmentId === null ? null : { id: environmentId, name: environmentName ?? environmentId },
      link: linkOf(event, publicUrl),
    },
  }
}

const pages: Readonly<Record<string, string>> = {
  agent: '/agents',
  group: '/groups',
  environment: '/mappings',
}

function linkOf(
  { object, environmentId }: Pick<NotificationEvent, 'object' | 'environmentId'>,
  publicUrl: string,
) {
  const path =
    object.kind === 'mapping'
      ? `/mappings/${encodeURIComponent(object.id)}`
      : (pages[object.kind] ?? '/audit')
  const url = new URL(path, publicUrl)
  if (environmentId !== null) url.searchParams.set('environment', environmentId)
  return url.toString()
}
