import type { FreezeView } from '@crossfade/contracts/api/freezes'
import { Badge, Group, Paper, Stack, Text, Title } from '@mantine/core'
import { IconSnowflake } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useState } from 'react'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { dateTimeText } from '../../shared/format.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { freezesQuery } from './calendar-queries.ts'
import { FreezeDrawer } from './freeze-drawer.tsx'

/** Times without raises, those in force first. */
export function FreezeList() {
  const freezes = useQuery(freezesQuery(useEnvironmentId()))
  const [editing, setEditing] = useState<FreezeView | 'new' | null>(null)
  const create = (
    <AllowedButton permission="freeze.edit" onClick={() => setEditing('new')}>
      New freeze
    </AllowedButton>
  )
  return (
    <section aria-label="Freezes">
      <Group justify="space-between" mb="sm">
        <Title order={2} size="h4">
          Freezes
        </Title>
        {freezes.data !== undefined && freezes.data.length > 0 && create}
      </Group>
      {freezes.isPending && <LoadingRows rows={2} height={72} />}
      {freezes.error !== null && freezes.data === undefined && (
        <ProblemNotice error={freezes.error} onRetry={() => void freezes.refetch()} />
      )}
      {freezes.data?.length === 0 && (
        <EmptyState icon={<IconSnowflake />} title="No freeze" actions={create}>
          A freeze keeps everybody from raising for a time: once, such as over the holidays, or every week,
          such as from Friday afternoon on.
        </EmptyState>
      )}
      <Stack gap="sm">
        {inOrder(freezes.data ?? []).map((freeze) => (
          <FreezeCard key={freeze.id} freeze={freeze} onEdit={() => setEditing(freeze)} />
        ))}
      </Stack>
      {editing !== null && (
        <FreezeDrawer freeze={editing === 'new' ? null : editing} onClose={() => setEditing(null)} />
      )}
    </section>
  )
}

function FreezeCard({ freeze, onEdit }: { freeze: FreezeView; onEdit: () => void }) {
  return (
    <Paper withBorder p="md" component="article" aria-label={freeze.name}>
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <Group gap="sm">
            <Text fw={600}>{freeze.name}</Text>
            <Badge variant="dot" tt="none" fw={500} size="lg" color={freeze.active ? 'blue' : 'gray'}>
              {freeze.active ? 'in force' : freeze.from === null ? 'over' : 'to come'}
            </Badge>
          </Group>
          <Text size="sm">{freeze.words}</Text>
          <Text size="sm" c="dimmed">
            {windowWords(freeze)}
            {freeze.reason !== '' && ` · ${freeze.reason}`}
          </Text>
        </div>
        <AllowedButton
          permission="freeze.edit"
          variant="default"
          size="xs"
          aria-label={`Edit ${freeze.name}`}
          onClick={onEdit}
        >
          Edit
        </AllowedButton>
      </Group>
    </Paper>
  )
}

/** On the reader's clock. */
function windowWords({ active, from, until }: FreezeView): string {
  if (from === null) return 'No window is left'
  const end = until === null ? '' : ` until ${dateTimeText(until)}`
  return active ? `Now${end}, on your clock` : `Next: ${dateTimeText(from)}${end}, on your clock`
}

function inOrder(freezes: readonly FreezeView[]): FreezeView[] {
  const key = ({ active, from }: FreezeView) => (active ? '' : (from ?? '~'))
  return [...freezes].sort((a, b) => (key(a) < key(b) ? -1 : 1))
}
