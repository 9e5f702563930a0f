import { webhookCreatedSchema, type WebhookView } from '@crossfade/contracts/api/webhooks'
import { Group, NativeSelect, Stack, Text } from '@mantine/core'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'

const graces = [
  { value: '24', label: 'for a day' },
  { value: '168', label: 'for a week' },
  { value: '0', label: 'not at all: it leaked' },
]

/** A new signing secret; the one before goes on signing beside it while receivers change over. */
export function RotateSecret(props: { webhook: WebhookView; onSecret: (secret: string) => void }) {
  const { webhook } = props
  const client = useQueryClient()
  const [grace, setGrace] = useState('24')
  const rotate = useMutation({
    mutationFn: () =>
      api.send(
        'POST',
        `/webhooks/${webhook.id}/rotate`,
        { graceHours: Number(grace) },
        webhookCreatedSchema,
        { ifMatch: webhook.version },
      ),
    onSuccess: async ({ secret }) => {
      if (secret !== null) props.onSecret(secret)
      await reloadAfterChange(client, 'webhook')
    },
  })
  const [newest, ...ending] = webhook.secrets
  return (
    <Stack gap="xs">
      {newest && (
        <Text size="sm">
          Signing secret from <RelativeTime at={newest.createdAt} />
          {ending.length > 0 && `; ${ending.length} before it still sign beside it`}
        </Text>
      )}
      {rotate.error !== null && <ProblemNotice error={rotate.error} />}
      <Group align="flex-end">
        <NativeSelect
          label="The secret before goes on signing"
          data={graces}
          value={grace}
          onChange={(event) => setGrace(event.currentTarget.value)}
        />
        <AllowedButton
          permission="webhook.manage"
          variant="default"
          loading={rotate.isPending}
          onClick={() => rotate.mutate()}
        >
          New secret
        </AllowedButton>
      </Group>
    </Stack>
  )
}
