import {
  deliveryViewSchema,
  notificationTypes,
  type DeliveryView,
  type WebhookView,
} from '@crossfade/contracts/api/webhooks'
import { Alert, Badge, Button, Code, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { everyType } from './webhook-draft.ts'

/** One receiver: where, what, how the last message went, and a test. */
export function WebhookCard(props: { webhook: WebhookView; onEdit: () => void; onLog: () => void }) {
  const { webhook } = props
  const client = useQueryClient()
  const test = useMutation({
    mutationFn: () => api.send('POST', `/webhooks/${webhook.id}/test`, undefined, deliveryViewSchema),
    onSettled: () => reloadAfterChange(client, 'webhook'),
  })
  return (
    <Paper withBorder p="md" component="section" aria-label={webhook.name}>
      <Stack gap="xs">
        <Group justify="space-between" align="flex-start">
          <div>
            <Group gap="xs">
              <Title order={2} size="h5">
                {webhook.name}
              </Title>
              <Badge variant="light" color={webhook.kind === 'slack' ? 'grape' : 'indigo'}>
                {webhook.kind === 'slack' ? 'Slack' : 'Webhook'}
              </Badge>
              {webhook.environmentId === null && <Badge variant="default">All environments</Badge>}
              {!webhook.enabled && <Badge color="gray">Disabled</Badge>}
            </Group>
            <Code>{webhook.address}</Code>
          </div>
          <Group gap="xs">
            <AllowedButton
              permission="webhook.manage"
              variant="default"
              size="xs"
              loading={test.isPending}
              aria-label={`Test ${webhook.name}`}
              onClick={() => test.mutate()}
            >
              Send test
            </AllowedButton>
            <Button variant="default" size="xs" aria-label={`Log of ${webhook.name}`} onClick={props.onLog}>
              Log
            </Button>
            <Button variant="default" size="xs" aria-label={`Edit ${webhook.name}`} onClick={props.onEdit}>
              Edit
            </Button>
          </Group>
        </Group>
        {webhook.disabledReason !== null && (
          <Alert color="red" variant="light" title="Nothing is sent there">
            {webhook.disabledReason}
          </Alert>
        )}
        <Text size="sm" c="dimmed">
          {eventsText(webhook)}
        </Text>
        {webhook.lastDelivery !== null && (
          <Text size="sm">
            Last message <RelativeTime at={webhook.lastDelivery.at} />:{' '}
            {lastWords[webhook.lastDelivery.status]}
          </Text>
        )}
        <div role="status">{test.data !== undefined && <TestResult delivery={test.data} />}</div>
        {test.error !== null && <ProblemNotice error={test.error} />}
      </Stack>
    </Paper>
  )
}

const lastWords = { delivered: 'delivered', pending: 'on its way', dead: 'given up' } as const

function eventsText({ events }: WebhookView): string {
  if (events.length === everyType.length) return 'Told everything'
  return events.map((type) => notificationTypes[type]).join(' · ')
}

/** What the receiver said to a test. */
function TestResult({ delivery }: { delivery: DeliveryView }) {
  const attempt = delivery.log.at(-1)
  const isDelivered = delivery.status === 'delivered'
  return (
    <Alert
      variant="light"
      color={isDelivered ? 'green' : 'red'}
      title={isDelivered ? 'The test was delivered' : 'The test was not delivered'}
    >
      {attempt && (
        <Text size="sm">
          {attempt.error ?? `answered ${attempt.status}`} in {attempt.ms} ms
        </Text>
      )}
      {attempt !== undefined && attempt.excerpt !== '' && <Code block>{attempt.excerpt}</Code>}
    </Alert>
  )
}
