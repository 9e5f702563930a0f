import { changeSchema, type Change } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Button, Collapse, Group, Paper, Stack, Text, Timeline } from '@mantine/core'
import { useDisclosure } from '@mantine/hooks'
import { IconArrowBackUp, IconArrowsSplit2, IconHistory, IconPencil, IconPlus } from '@tabler/icons-react'
import { useInfiniteQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { sentenceOf } from '../../shared/changes/change-sentence.ts'
import { DiffTable } from '../../shared/changes/diff-table.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'

const perPage = 30

/** The audit trail of this mapping and its group. */
export function HistoryTab({ mapping }: { mapping: MappingView }) {
  const changes = useInfiniteQuery({
    queryKey: ['changes', 'of', mapping.id],
    queryFn: ({ pageParam, signal }) =>
      api.get(
        '/changes',
        pageOf(changeSchema),
        { objectId: mapping.id, limit: perPage, cursor: pageParam },
        signal,
      ),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
  })
  if (changes.isPending) return <LoadingRows rows={6} />
  if (changes.isError) return <ProblemNotice error={changes.error} onRetry={() => void changes.refetch()} />
  const items = changes.data.pages.flatMap((page) => page.items)
  if (items.length === 0) {
    return <EmptyState icon={<IconHistory />} title="Every change of this mapping will appear here" />
  }
  return (
    <Paper withBorder p="lg">
      <Timeline bulletSize={28} lineWidth={2}>
        {items.map((change) => (
          <Timeline.Item key={change.seq} bullet={<ActIcon act={change.act} />}>
            <ChangeItem change={change} />
          </Timeline.Item>
        ))}
      </Timeline>
      <Group mt="lg" gap="md">
        {changes.hasNextPage && (
          <Button
            variant="default"
            size="xs"
            loading={changes.isFetchingNextPage}
            onClick={() => void changes.fetchNextPage()}
          >
            Show older
          </Button>
        )}
        <AnchorLink to="/audit" size="sm">
          To the whole audit trail
        </AnchorLink>
      </Group>
    </Paper>
  )
}

function ChangeItem({ change }: { change: Change }) {
  const [opened, { toggle }] = useDisclosure()
  const { who, did } = sentenceOf(change)
  return (
    <Stack gap={4}>
      <Text size="sm">
        <b>{who}</b> {did}
      </Text>
      {change.reason !== null && change.reason !== '' && (
        <Text size="sm" fs="italic">
          “{change.reason}”
        </Text>
      )}
      <Group gap="xs">
        <Text size="xs" c="dimmed">
          <RelativeTime at={change.at} /> · {change.source}
          {change.revision !== null && ` · revision ${change.revision}`}
        </Text>
        <Button variant="subtle" size="compact-xs" onClick={toggle} aria-expanded={opened}>
          {opened ? 'Hide what changed' : 'What changed'}
        </Button>
      </Group>
      <Collapse expanded={opened}>
        {opened && <DiffTable before={change.before} after={change.after} />}
      </Collapse>
    </Stack>
  )
}

function ActIcon({ act }: { act: string }) {
  const size = 15
  if (act.endsWith('.rollback') || act === 'agent.emergency')
    return <IconArrowBackUp size={size} aria-hidden />
  if (act.endsWith('.share')) return <IconArrowsSplit2 size={size} aria-hidden />
  if (act.endsWith('.create')) return <IconPlus size={size} aria-hidden />
  return <IconPencil size={size} aria-hidden />
}
