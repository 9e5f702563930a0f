import { notificationTypes, type WebhookView } from '@crossfade/contracts/api/webhooks'
import { can } from '@crossfade/contracts/roles'
import { Checkbox, SegmentedControl, Stack, Switch, TextInput } from '@mantine/core'
import { useQuery } from '@tanstack/react-query'
import { fieldId } from '../../shared/forms/field-id.ts'
import type { useDraft } from '../../shared/forms/use-draft.ts'
import { meQuery } from '../../shared/queries.ts'
import { everyType, type WebhookDraft } from './webhook-draft.ts'

/** Where, what and for which environments. Kind and environments are for ever. */
export function WebhookFields(props: {
  form: ReturnType<typeof useDraft<WebhookDraft>>
  stored: WebhookView | null
  errorOf: (field: string) => string | undefined
}) {
  const { stored, errorOf } = props
  const { draft, set } = props.form
  const me = useQuery(meQuery())
  const mayEverywhere = me.data !== undefined && can(me.data.access, 'webhook.manage', null)
  return (
    <Stack>
      {stored === null && (
        <SegmentedControl
          aria-label="Kind"
          value={draft.kind}
          data={[
            { value: 'slack', label: 'Slack' },
            { value: 'webhook', label: 'Webhook' },
          ]}
          onChange={(kind) => set('kind', kind === 'webhook' ? 'webhook' : 'slack')}
        />
      )}
      <TextInput
        id={fieldId('name')}
        label="Name"
        placeholder={draft.kind === 'slack' ? '#releases' : 'Deploy board'}
        required
        data-autofocus
        value={draft.name}
        error={errorOf('name')}
        onChange={(event) => set('name', event.currentTarget.value)}
      />
      <TextInput
        id={fieldId('url')}
        label={stored === null ? 'Address' : 'New address'}
        description={
          stored === null
            ? 'It is a secret: only its host is shown again'
            : `Leave empty to keep ${stored.address}`
        }
        placeholder={
          draft.kind === 'slack' ? 'https://hooks.slack.com/services/…' : 'https://board.example.com/hooks'
        }
        required={stored === null}
        autoComplete="off"
        value={draft.url}
        error={errorOf('url')}
        onChange={(event) => set('url', event.currentTarget.value)}
      />
      <Checkbox.Group
        id={fieldId('events')}
        label="Tells that"
        value={[...draft.events]}
        error={errorOf('events')}
        onChange={(chosen) =>
          set(
            'events',
            everyType.filter((type) => chosen.includes(type)),
          )
        }
      >
        <Stack gap="xs" mt="xs">
          {everyType.map((type) => (
            <Checkbox key={type} value={type} label={notificationTypes[type]} />
          ))}
        </Stack>
      </Checkbox.Group>
      {stored === null && mayEverywhere && (
        <Checkbox
          label="Of all environments, also those to come"
          checked={draft.everywhere}
          onChange={(event) => set('everywhere', event.currentTarget.checked)}
        />
      )}
      <Switch
        label="Enabled"
        description="While it is disabled nothing is kept for it"
        checked={draft.enabled}
        onChange={(event) => set('enabled', event.currentTarget.checked)}
      />
    </Stack>
  )
}
