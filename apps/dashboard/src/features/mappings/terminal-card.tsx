import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Code, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { CopyButton } from '../../shared/ui/copy-button.tsx'

/** The screen and the command line are one API. */
export function TerminalCard({ mapping, percent }: { mapping: MappingView; percent: number }) {
  const name = JSON.stringify(mapping.split.kind === 'group' ? mapping.split.groupName : mapping.name)
  const environment = mapping.environmentId === 'default' ? '' : ` -e ${mapping.environmentId}`
  const lines = [
    `crossfade share set ${name} ${percent}${environment}`,
    `crossfade rollback ${name}${environment}`,
  ]
  return (
    <Paper withBorder p="lg" component="section" aria-labelledby="terminal-heading">
      <Title order={2} size="h5" id="terminal-heading">
        From a terminal
      </Title>
      <Stack gap={6} mt="xs">
        {lines.map((line) => (
          <Group key={line} gap={4} wrap="nowrap">
            <Code style={{ overflow: 'hidden', textOverflow: 'ellipsis', whiteSpace: 'nowrap' }}>{line}</Code>
            <CopyButton value={line} label="Copy the command" />
          </Group>
        ))}
        <Text size="xs" c="dimmed">
          Or <Code>POST /api/v1/mappings/{mapping.id}/rollback</Code>
        </Text>
      </Stack>
    </Paper>
  )
}
