import { governanceViewSchema, type LineInput } from '@crossfade/contracts/api/freezes'
import { Group, Paper, Stack, Text, TextInput, Title } from '@mantine/core'
import { IconCircleCheck, IconHandStop } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { reloadAfterChange } from '../../shared/queries.ts'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'
import { governanceQuery } from '../governance/governance-queries.ts'

/** Stop-the-line: nothing is raised any more, by anybody, until somebody lifts it. */
export function LineCard() {
  const environmentId = useEnvironmentId()
  const client = useQueryClient()
  const governance = useQuery(governanceQuery(environmentId))
  const [reason, setReason] = useState('')
  const set = useMutation({
    mutationFn: (stopped: boolean) =>
      api.send(
        'PUT',
        `/environments/${environmentId}/line`,
        { stopped, reason: reason.trim() } satisfies LineInput,
        governanceViewSchema,
      ),
    onSuccess: async (view) => {
      setReason('')
      client.setQueryData(governanceQuery(environmentId).queryKey, view)
      await reloadAfterChange(client, 'environment')
    },
  })
  if (governance.isPending) return <LoadingRows rows={1} height={110} />
  if (governance.data === undefined)
    return <ProblemNotice error={governance.error} onRetry={() => void governance.refetch()} />
  const { stopped, words } = governance.data
  const missing = stopped === null && reason.trim() === '' ? 'Say why first' : ''
  return (
    <Paper withBorder p="lg" component="section" aria-label="The line">
      <Stack gap="sm">
        <Group gap="xs">
          {stopped === null ? (
            <IconCircleCheck size={20} color="var(--cf-good)" aria-hidden />
          ) : (
            <IconHandStop size={20} color="var(--cf-bad)" aria-hidden />
          )}
          <Title order={2} size="h4">
            {stopped === null ? 'The line runs' : 'The line is stopped'}
          </Title>
        </Group>
        <Text size="sm">
          {stopped === null ? (
            words
          ) : (
            <>
              {stopped.by} stopped it <RelativeTime at={stopped.at} />
              {stopped.reason !== '' && `: ${stopped.reason}`}. Ramps hold; lowering and Roll back work.
            </>
          )}
        </Text>
        {set.error !== null && <ProblemNotice error={set.error} />}
        <form
          noValidate
          onSubmit={(event) => {
            event.preventDefault()
            if (missing === '') set.mutate(stopped === null)
          }}
        >
          <Group gap="sm" align="flex-end">
            <TextInput
              label={stopped === null ? 'Reason' : 'Reason (optional)'}
              maxLength={500}
              value={reason}
              onChange={(event) => setReason(event.currentTarget.value)}
              style={{ flex: '1 1 240px' }}
            />
            <AllowedButton
              type="submit"
              permission="line.stop"
              why={missing}
              loading={set.isPending}
              {...(stopped === null ? { color: 'red.9' } : {})}
            >
              {stopped === null ? 'Stop the line' : 'Let it run again'}
            </AllowedButton>
          </Group>
        </form>
      </Stack>
    </Paper>
  )
}
