import type { SegmentView } from '@crossfade/contracts/api/segments'
import { Group, Stack, Paper, Text } from '@mantine/core'
import { IconFilter } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useEnvironmentId } from '../../shared/environment.ts'
import { AllowedButton } from '../../shared/forms/allowed-button.tsx'
import { mappingsQuery, segmentsQuery } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { AnchorLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { SideBadge } from '../../shared/ui/side-badge.tsx'
import { SegmentDrawer } from './segment-drawer.tsx'
import { segmentSentence } from './segment-sentence.ts'

/** Rules on request attributes that force a side; mappings list them in order. */
export function SegmentsPage() {
  const environmentId = useEnvironmentId()
  const segments = useQuery(segmentsQuery(environmentId))
  const { edit } = useSearch({ from: '/frame/segments' })
  const navigate = useNavigate({ from: '/segments' })
  const create = (
    <AllowedButton permission="segment.edit" onClick={() => void navigate({ search: { edit: 'new' } })}>
      New segment
    </AllowedButton>
  )
  const edited = segments.data?.find(({ id }) => id === edit)
  return (
    <>
      <PageHeader
        title="Segments"
        description="Rules that force a side, whatever the share. A mapping lists segments in order; the first that matches wins."
        actions={create}
      />
      {segments.isPending && <LoadingRows rows={4} height={72} />}
      {segments.error !== null && (
        <ProblemNotice error={segments.error} onRetry={() => void segments.refetch()} />
      )}
      {segments.data?.length === 0 && (
        <EmptyState icon={<IconFilter />} title="No segments yet" actions={create}>
          For example: “If header x-beta is one of 1, always new” lets your own people try the new service
          while the share is still 0 %.
        </EmptyState>
      )}
      <Stack gap="sm">
        {segments.data?.map((segment) => (
          <SegmentCard key={segment.id} segment={segment} />
        ))}
      </Stack>
      {(edit === 'new' || edited !== undefined) && (
        <SegmentDrawer key={edit} segment={edited ?? null} onClose={() => void navigate({ search: {} })} />
      )}
    </>
  )
}

function SegmentCard({ segment }: { segment: SegmentView }) {
  const mappings = useQuery(mappingsQuery(segment.environmentId))
  const users = mappings.data?.filter(({ segments }) => segments.includes(segment.id)) ?? []
  return (
    <Paper withBorder p="md">
      <Group justify="space-between" wrap="nowrap" align="flex-start">
        <div style={{ minWidth: 0 }}>
          <AnchorLink to="/segments" search={{ edit: segment.id }} fw={600}>
            {segment.name}
          </AnchorLink>
          <Text mt={4} style={{ overflowWrap: 'anywhere' }}>
            {segmentSentence(segment)}
          </Text>
          <Text size="sm" c="dimmed" mt={6}>
            {users.length === 0 ? 'No mapping uses it' : 'Used by '}
            {users.map(({ id, name }, at) => (
              <span key={id}>
                {at > 0 && ', '}
                <AnchorLink size="sm" to="/mappings/$id" params={{ id }}>
                  {name}
                </AnchorLink>
              </span>
            ))}
          </Text>
        </div>
        <SideBadge side={segment.side} label={`always ${segment.side}`} />
      </Group>
    </Paper>
  )
}
