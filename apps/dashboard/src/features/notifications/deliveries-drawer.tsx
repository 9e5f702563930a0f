import { deliveryViewSchema, type DeliveryView, type WebhookView } from '@crossfade/contracts/api/webhooks'
import { Badge, Code, Drawer, Group, List, Paper, Stack, Text } from '@mantine/core'
import { IconMailOff } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { deliveriesQuery } from './webhook-queries.ts'

/** What was sent to one webhook, waits or was given up, each with its attempts. */
export function DeliveriesDrawer(props: { webhook: WebhookView; onClose: () => void }) {
  const { webhook } = props
  const deliveries = useQuery(deliveriesQuery(webhook.id))
  return (
    <Drawer
      opened
      onClose={props.onClose}
      position="right"
      size="lg"
      title={`Log of ${webhook.name}`}
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      {deliveries.isPending && <LoadingRows rows={4} height={64} />}
      {deliveries.error !== null && (
        <ProblemNotice error={deliveries.error} onRetry={() => void deliveries.refetch()} />
      )}
      {deliveries.data?.items.length === 0 && (
        <EmptyState icon={<IconMailOff />} title="Nothing was sent yet">
          Send a test to see whether the receiver answers.
        </EmptyState>
      )}
      <Stack>
        {deliveries.data?.items.map((delivery) => (
          <DeliveryEntry key={delivery.id} delivery={delivery} webhook={webhook} />
        ))}
      </Stack>
      {deliveries.data?.nextCursor != null && (
        <Text size="sm" c="dimmed" mt="md">
          These are the newest; the API lists all of the last 30 days.
        </Text>
      )}
    </Drawer>
  )
}

const states = {
  delivered: { color: 'green', words: 'Delivered' },
  pending: { color: 'yellow', words: 'Waiting' },
  dead: { color: 'red', words: 'Given up' },
} as const

function DeliveryEntry({ delivery, webhook }: { delivery: DeliveryView; webhook: WebhookView }) {
  const client = useQueryClient()
  const again = useMutation({
    mutationFn: () => api.send('POST', `/deliveries/${delivery.id}/redeliver`, undefined, deliveryViewSchema),
    onSettled: () => reloadAfterChange(client, 'webhook'),
  })
  const { color, words } = states[delivery.status]
  return (
    <Paper withBorder p="sm" component="article" aria-label={delivery.summary}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div>
          <Text size="sm" fw={600} style={{ overflowWrap: 'anywhere' }}>
            {delivery.summary}
          </Text>
          <Group gap="xs">
            <Badge color={color} variant="light">
              {words}
            </Badge>
            <Code>{delivery.type}</Code>
            <Text size="xs" c="dimmed">
              <RelativeTime at={delivery.createdAt} />
            </Text>
          </Group>
        </div>
        <AllowedButton
          permission="webhook.manage"
          size="xs"
          variant="default"
          why={webhook.enabled ? '' : 'Enable the webhook first'}
          loading={again.isPending}
          aria-label={`Send again: ${delivery.summary}`}
          onClick={() => again.mutate()}
        >
          Send again
        </AllowedButton>
      </Group>
      <List size="xs" mt="xs" type="ordered">
        {delivery.log.map((attempt) => (
          <List.Item key={attempt.at}>
            <RelativeTime at={attempt.at} />: {attempt.error ?? `answered ${attempt.status}`} in {attempt.ms}{' '}
            ms {attempt.excerpt !== '' && <Code>{attempt.excerpt}</Code>}
          </List.Item>
        ))}
      </List>
      {delivery.status === 'pending' && delivery.nextTryAt !== null && (
        <Text size="xs" c="dimmed">
          Next try <RelativeTime at={delivery.nextTryAt} />
        </Text>
      )}
      {again.error !== null && <ProblemNotice error={again.error} />}
    </Paper>
  )
}
