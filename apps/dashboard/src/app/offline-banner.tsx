import { Alert, Code, Text } from '@mantine/core'
import { IconPlugConnectedX } from '@tabler/icons-react'
import { useEnvironmentId } from '../shared/environment.ts'
import { clockText } from '../shared/format.ts'
import { CopyButton } from '../shared/ui/copy-button.tsx'
import { useFreshness } from '../features/live/live-provider.tsx'

/** With the control plane away: what still holds, and the way to roll back without it. */
export function OfflineBanner() {
  const freshness = useFreshness()
  const environmentId = useEnvironmentId()
  if (freshness.kind !== 'offline') return null
  const environment = environmentId === 'default' ? '' : ` -e ${environmentId}`
  const command = `crossfade rollback --all --agent http://127.0.0.1:9901${environment}`
  return (
    <Alert
      role="alert"
      color="red"
      variant="light"
      mb="lg"
      icon={<IconPlugConnectedX aria-hidden />}
      title={`The control plane has not answered since ${clockText(freshness.since)}`}
    >
      <Text size="sm">
        You see the last known state. Agents go on serving their last snapshot. Nothing can be raised; Roll
        back keeps trying. To roll back without the control plane, on each agent:
      </Text>
      <Code mt="xs" style={{ overflowWrap: 'anywhere' }}>
        {command}
      </Code>{' '}
      <CopyButton value={command} label="Copy the command" />
    </Alert>
  )
}
