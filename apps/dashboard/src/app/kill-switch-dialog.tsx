import { environmentRollbackSchema } from '@crossfade/contracts/api/environments'
import { Alert, Button, Group, List, Modal, Stack, Table, Text, TextInput } from '@mantine/core'
import { IconCircleCheck } from '@tabler/icons-react'
import { useMutation, useQuery, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { progressOf } from '../features/live/convergence.ts'
import { useLive } from '../features/live/live-provider.tsx'
import { api } from '../shared/api.ts'
import { useEnvironmentId } from '../shared/environment.ts'
import { percentText } from '../shared/format.ts'
import { mappingsQuery, reloadAfterChange } from '../shared/queries.ts'
import { PercentText } from '../shared/ui/percent-text.tsx'
import { ProblemNotice } from '../shared/ui/problem-notice.tsx'

/** Roll back for a whole environment, as one change. */
export function KillSwitchDialog({ onClose }: { onClose: () => void }) {
  return (
    <Modal
      opened
      onClose={onClose}
      size="lg"
      title="Kill switch: everything to legacy"
      closeButtonProps={{ 'aria-label': 'Close' }}
    >
      <KillSwitch onClose={onClose} />
    </Modal>
  )
}

/** Everything above 0, an optional reason, one button; no typing. */
function KillSwitch({ onClose }: { onClose: () => void }) {
  const environmentId = useEnvironmentId()
  const client = useQueryClient()
  const mappings = useQuery(mappingsQuery(environmentId))
  const shares = useLive((state) => state.view?.shares)
  const [reason, setReason] = useState('')
  const pull = useMutation({
    mutationFn: () =>
      api.send(
        'POST',
        `/environments/${environmentId}/rollback`,
        reason.trim() === '' ? {} : { reason: reason.trim() },
        environmentRollbackSchema,
      ),
    onSuccess: () => reloadAfterChange(client, 'environment'),
  })
  if (pull.isSuccess) return <Pulled result={pull.data} onClose={onClose} />
  const moved = (mappings.data ?? [])
    .map((mapping) => ({ mapping, percent: shares?.[mapping.id]?.percent ?? mapping.split.percent }))
    .filter(({ percent }) => percent > 0)
  const skipped = moved.filter(({ mapping }) => mapping.pointOfNoReturn)
  return (
    <Stack>
      <Text size="sm">
        {mappings.data === undefined
          ? 'Every mapping and group of this environment goes to 0 % at once.'
          : moved.length === 0
            ? 'Every mapping is on legacy already.'
            : 'These go to 0 % at once, as one change:'}
      </Text>
      {moved.length > 0 && (
        <Table fz="sm" verticalSpacing={4}>
          <Table.Thead>
            <Table.Tr>
              <Table.Th>Mapping</Table.Th>
              <Table.Th>Group</Table.Th>
              <Table.Th ta="right">Share now</Table.Th>
            </Table.Tr>
          </Table.Thead>
          <Table.Tbody>
            {moved.map(({ mapping, percent }) => (
              <Table.Tr key={mapping.id}>
                <Table.Td>{mapping.name}</Table.Td>
                <Table.Td>{mapping.split.kind === 'group' ? mapping.split.groupName : ''}</Table.Td>
                <Table.Td ta="right">
                  <PercentText percent={percent} />
                </Table.Td>
              </Table.Tr>
            ))}
          </Table.Tbody>
        </Table>
      )}
      {skipped.length > 0 && (
        <Alert color="yellow" title="Not these">
          {skipped.map(({ mapping }) => mapping.name).join(', ')}: their data has moved, so they stay on new.
        </Alert>
      )}
      {pull.isError && <ProblemNotice error={pull.error} onRetry={() => pull.mutate()} />}
      <TextInput
        label="Reason (optional)"
        maxLength={500}
        value={reason}
        onChange={(event) => setReason(event.currentTarget.value)}
      />
      <Group justify="flex-end">
        <Button variant="default" onClick={onClose}>
          Cancel
        </Button>
        <Button color="red.9" data-autofocus onClick={() => !pull.isPending && pull.mutate()}>
          {pull.isPending ? 'Rolling back…' : 'Roll back everything'}
        </Button>
      </Group>
    </Stack>
  )
}

function Pulled(props: { result: (typeof environmentRollbackSchema)['_output']; onClose: () => void }) {
  const { result } = props
  const view = useLive((state) => state.view)
  const progress = view === null ? null : progressOf(view, result.revision, true)
  return (
    <Stack>
      <Group gap="xs" role="status">
        <IconCircleCheck color="var(--cf-good)" aria-hidden />
        <Text fw={600}>
          {result.rolledBack.length === 0 ? 'Nothing had to move' : `${result.rolledBack.length} rolled back`}
          {progress !== null &&
            progress.total > 0 &&
            ` - live on ${progress.live} of ${progress.total} agents`}
          {progress?.ms !== null && progress?.ms !== undefined && ` in ${(progress.ms / 1000).toFixed(1)} s`}
        </Text>
      </Group>
      <List size="sm">
        {result.rolledBack.map((one) => (
          <List.Item key={one.id}>
            {one.kind === 'group' && 'group '}
            {one.name}: {percentText(one.percentBefore)} → 0 %
          </List.Item>
        ))}
        {result.skipped.map((one) => (
          <List.Item key={one.id}>
            {one.name} stays: {one.reason}
          </List.Item>
        ))}
      </List>
      <Group justify="flex-end">
        <Button data-autofocus onClick={props.onClose}>
          Close
        </Button>
      </Group>
    </Stack>
  )
}
