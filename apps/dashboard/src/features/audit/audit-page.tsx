import { Button, Stack } from '@mantine/core'
import { IconHistory } from '@tabler/icons-react'
import { useNavigate, useSearch } from '@tanstack/react-router'
import { useMemo } from 'react'
import { ChangesTimeline } from '../../shared/changes/changes-timeline.tsx'
import { useEnvironmentId } from '../../shared/environment.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { PageHeader } from '../../shared/ui/page-header.tsx'
import { AuditFilters } from './audit-filters.tsx'
import { filterOfSearch, isFiltered } from './audit-search.ts'
import { ExportMenu } from './export-menu.tsx'
import { OneChange } from './one-change.tsx'

/** Who did what, when and why. Everything on screen is in the address. */
export function AuditPage() {
  const environmentId = useEnvironmentId()
  const search = useSearch({ from: '/frame/audit' })
  const navigate = useNavigate({ from: '/audit' })
  const filter = useMemo(() => filterOfSearch(search, environmentId), [search, environmentId])
  const clear = () => void navigate({ search: {} })
  return (
    <>
      <PageHeader
        title="Audit"
        description="Every change, in one sentence each. Nobody can edit or remove an entry."
        actions={<ExportMenu filter={filter} />}
      />
      <Stack>
        {search.seq !== undefined && <OneChange seq={search.seq} onClose={clear} />}
        <AuditFilters search={search} onChange={(next) => void navigate({ search: next, replace: true })} />
        <ChangesTimeline
          key={JSON.stringify(filter)}
          filter={filter}
          empty={
            isFiltered(search) ? (
              <EmptyState
                icon={<IconHistory />}
                title="No change fits these filters"
                actions={
                  <Button variant="default" onClick={clear}>
                    Clear filters
                  </Button>
                }
              />
            ) : undefined
          }
        />
      </Stack>
    </>
  )
}
