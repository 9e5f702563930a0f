import type { WebhookView } from '@crossfade/contracts/api/webhooks'
import { Stack } from '@mantine/core'
import { IconBell } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { NeedsRole } from '../../shared/needs-role.tsx'
import { useAllowed } from '../../shared/permission.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { DeliveriesDrawer } from './deliveries-drawer.tsx'
import { WebhookCard } from './webhook-card.tsx'
import { WebhookDrawer } from './webhook-drawer.tsx'
import { webhooksQuery } from './webhook-queries.ts'

type Opened = { readonly what: 'edit' | 'log'; readonly id: string } | { readonly what: 'new' } | null

/** Who is told what happens: webhooks and Slack channels. */
export function NotificationsPage() {
  const environmentId = useEnvironmentId()
  const role = useAllowed('webhook.manage')
  const webhooks = useQuery({ ...webhooksQuery(environmentId), enabled: role.allowed })
  const [opened, setOpened] = useState<Opened>(null)
  const close = () => setOpened(null)
  const one = webhooks.data?.find(({ id }) => opened !== null && 'id' in opened && opened.id === id)
  const create = (
    <AllowedButton permission="webhook.manage" onClick={() => setOpened({ what: 'new' })}>
      New webhook
    </AllowedButton>
  )
  return (
    <>
      <PageHeader
        title="Notifications"
        description="Slack channels and programs that are told what happens: who moved a share, which guardrail failed, who has to look."
        actions={create}
      />
      {!role.allowed && <NeedsRole what="webhooks" why={role.why} />}
      {role.allowed && webhooks.isPending && <LoadingRows rows={3} height={96} />}
      {webhooks.error !== null && (
        <ProblemNotice error={webhooks.error} onRetry={() => void webhooks.refetch()} />
      )}
      {webhooks.data?.length === 0 && (
        <EmptyState icon={<IconBell />} title="Nobody is told" actions={create}>
          Give the address of a Slack incoming webhook, or of a program of your own. What is sent is signed,
          tried again for a day, and listed here.
        </EmptyState>
      )}
      <Stack>
        {webhooks.data?.map((webhook: WebhookView) => (
          <WebhookCard
            key={webhook.id}
            webhook={webhook}
            onEdit={() => setOpened({ what: 'edit', id: webhook.id })}
            onLog={() => setOpened({ what: 'log', id: webhook.id })}
          />
        ))}
      </Stack>
      {opened?.what === 'new' && <WebhookDrawer webhook={null} onClose={close} />}
      {opened?.what === 'edit' && one && <WebhookDrawer key={one.id} webhook={one} onClose={close} />}
      {opened?.what === 'log' && one && <DeliveriesDrawer webhook={one} onClose={close} />}
    </>
  )
}
