import { Code, Group, Paper, Text, Title } from '@mantine/core'
import { IconBolt } from '@tabler/icons-react'
import { CopyButton } from '../../shared/ui/copy-button.tsx'

/** The kill switch is in the top bar; here is what it does, and the call that does the same. */
export function KillSwitchNote(props: { environmentId: string }) {
  const call = `curl -X POST -H "Authorization: Bearer $CROSSFADE_TOKEN" ${window.location.origin}/api/v1/environments/${props.environmentId}/rollback`
  return (
    <Paper withBorder p="md" component="section" aria-label="Kill switch">
      <Group gap="xs" mb="xs">
        <IconBolt size={18} color="var(--cf-bad)" aria-hidden />
        <Title order={2} size="h5">
          Kill switch
        </Title>
      </Group>
      <Text size="sm">
        The button in the top bar rolls back every mapping and group of this environment to 0 % as one change,
        without approval and without waiting. It overtakes everything queued and reaches agents within
        moments. Mappings past their point of no return are skipped and listed. Operators may press it.
      </Text>
      <Text size="sm" mt="sm" mb={4}>
        The same from a terminal:
      </Text>
      <Group gap="xs" wrap="nowrap" align="flex-start">
        <Code block style={{ flex: 1, whiteSpace: 'pre-wrap', overflowWrap: 'anywhere' }}>
          {call}
        </Code>
        <CopyButton value={call} label="Copy the call" />
      </Group>
    </Paper>
  )
}
