import { Button, Group, Paper, Table, Text } from '@mantine/core'
import { IconArrowsSplit2, IconPlus, IconSearchOff } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useState } from 'react'
import { countText, rateText } from '../../shared/format.ts'
import { useAllowed } from '../../shared/permission.tsx'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { ButtonLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { inStepOf } from '../live/convergence.ts'
import { useFreshness, useLive } from '../live/live-provider.tsx'
import { filterMappings, isFiltered } from './filter-mappings.ts'
import { MapNext } from './map-next.tsx'
import { MappingFilters } from './mapping-filters.tsx'
import { MappingRow } from './mapping-row.tsx'
import classes from './mappings-table.module.css'
import { useMappingRows, type MappingRowData } from './use-mapping-rows.ts'

const rowsAtOnce = 100

export function MappingsPage() {
  const { mappings, rows, resolution, overviewAt, overviewFailed } = useMappingRows()
  const search = useSearch({ from: '/frame/mappings' })
  const navigate = useNavigate({ from: '/mappings' })
  const isStale = useFreshness().kind !== 'fresh'
  const [limit, setLimit] = useState(rowsAtOnce)
  const shown = filterMappings(rows, search)
  return (
    <>
      <PageHeader title="Mappings" description={<Summary rows={rows} />} actions={<NewMapping />} />
      {mappings.isPending && <LoadingRows height={48} />}
      {mappings.isError && <ProblemNotice error={mappings.error} onRetry={() => void mappings.refetch()} />}
      {mappings.isSuccess && rows.length === 0 && <NoMappings />}
      {rows.length > 0 && (
        <>
          <MappingFilters rows={rows} />
          <Paper withBorder>
            {shown.length === 0 ? (
              <EmptyState
                icon={<IconSearchOff />}
                title="No mapping fits these filters"
                actions={
                  <Button variant="default" onClick={() => void navigate({ search: {} })}>
                    Clear filters
                  </Button>
                }
              />
            ) : (
              <Table.ScrollContainer minWidth={0} type="native">
                <Table
                  layout="fixed"
                  className={classes.table}
                  verticalSpacing="sm"
                  horizontalSpacing="sm"
                  highlightOnHover
                >
                  <Table.Thead>
                    <Table.Tr>
                      <Table.Th>Name</Table.Th>
                      <Table.Th className={classes.match}>Match</Table.Th>
                      <Table.Th className={classes.share}>Share on new</Table.Th>
                      <Table.Th
                        className={classes.spark}
                        title="Legacy dashed grey, new solid, last 5 minutes"
                      >
                        p95
                      </Table.Th>
                      <Table.Th
                        className={classes.spark}
                        title="Legacy dashed grey, new solid, last 5 minutes"
                      >
                        Errors
                      </Table.Th>
                      <Table.Th ta="right" className={classes.rate}>
                        Requests/s
                      </Table.Th>
                      <Table.Th className={classes.health} title="Legacy, then new">
                        Health
                      </Table.Th>
                      <Table.Th className={classes.change}>Last change</Table.Th>
                    </Table.Tr>
                  </Table.Thead>
                  <Table.Tbody>
                    {shown.slice(0, limit).map((row) => (
                      <MappingRow
                        key={row.mapping.id}
                        row={row}
                        resolution={resolution}
                        at={overviewAt}
                        isStale={isStale}
                      />
                    ))}
                  </Table.Tbody>
                </Table>
              </Table.ScrollContainer>
            )}
          </Paper>
          <Group mt="sm" justify="space-between">
            <Text size="xs" c="dimmed">
              {shown.length === rows.length
                ? `${countText(rows.length)} mappings`
                : `${countText(shown.length)} of ${countText(rows.length)} mappings`}
              {isFiltered(search) && ' fit the filters'}
              {overviewFailed && ' · the history of numbers does not answer'}
            </Text>
            {shown.length > limit && (
              <Button variant="default" size="xs" onClick={() => setLimit(limit + rowsAtOnce)}>
                Show {Math.min(rowsAtOnce, shown.length - limit)} more
              </Button>
            )}
          </Group>
        </>
      )}
      {mappings.isSuccess && <MapNext />}
    </>
  )
}

/** One line over the list: how much moves, how much traffic, how far the agents are. */
function Summary({ rows }: { rows: readonly MappingRowData[] }) {
  const view = useLive((state) => state.view)
  if (rows.length === 0) return <>Legacy traffic and its replacement, endpoint by endpoint</>
  const moving = rows.filter(({ percent }) => percent > 0 && percent < 100).length
  const total = rows.reduce(
    (sum, { measured }) => sum + measured.legacy.perSecond + measured.new.perSecond,
    0,
  )
  const step = view === null ? null : inStepOf(view)
  const agents =
    step === null
      ? ''
      : step.total === 0
        ? ' · no agent connected'
        : ` · live on ${step.live} of ${step.total} agents`
  return (
    <>
      {moving === 0 ? 'Nothing is between the sides' : `${moving} between the sides`} · {rateText(total)}{' '}
      requests/s
      {agents}
    </>
  )
}

function NewMapping() {
  const { allowed } = useAllowed('mapping.edit')
  if (!allowed) return null
  return (
    <ButtonLink to="/mappings/new" leftSection={<IconPlus size={18} aria-hidden />}>
      New mapping
    </ButtonLink>
  )
}

function NoMappings() {
  return (
    <Paper withBorder>
      <EmptyState
        icon={<IconArrowsSplit2 />}
        title="No mapping yet"
        actions={
          <>
            <NewMapping />
            <ButtonLink variant="default" to="/services">
              Services first
            </ButtonLink>
          </>
        }
      >
        A mapping names one piece of legacy traffic and its replacement. It starts at 0 %: nothing moves until
        you move its share.
      </EmptyState>
    </Paper>
  )
}
