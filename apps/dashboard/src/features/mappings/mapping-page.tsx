import type { MappingView } from '@crossfade/contracts/api/mappings'
import { Tabs } from '@mantine/core'
import { IconMapOff } from '@tabler/icons-react'
import { useQuery } from '@tanstack/react-query'
import { useNavigate, useParams, useSearch } from '@tanstack/react-router'
import { lazy, Suspense } from 'react'
import { asProblem } from '../../shared/api.ts'
import { mappingQuery } from '../../shared/queries.ts'
import { EmptyState } from '../../shared/ui/empty-state.tsx'
import { ButtonLink } from '../../shared/ui/links.tsx'
import { LoadingRows } from '../../shared/ui/loading.tsx'
import { ProblemNotice } from '../../shared/ui/problem-notice.tsx'
import { useWatch } from '../live/live-provider.tsx'
import { CompareTab } from './compare-tab.tsx'
import { HistoryTab } from './history-tab.tsx'
import { MappingHeader } from './mapping-header.tsx'
import { mappingTabs, type MappingSearch } from './mappings-search.ts'
import { RolloutTab } from './rollout-tab.tsx'
import { movableMapping, targetOf } from './movable.ts'
import { useShareActs, useShareNow } from './use-share.ts'

export function MappingPage() {
  const { id } = useParams({ from: '/frame/mappings/$id' })
  const mapping = useQuery(mappingQuery(id))
  if (mapping.isPending) return <LoadingRows rows={6} height={64} />
  if (mapping.data === undefined) {
    if (asProblem(mapping.error).status === 404) return <Gone id={id} />
    return <ProblemNotice error={mapping.error} onRetry={() => void mapping.refetch()} />
  }
  return <LoadedMapping key={id} mapping={mapping.data} />
}

const RampSection = lazy(async () => ({
  default: (await import('../ramps/ramp-section.tsx')).RampSection,
}))

const tabWords = { rollout: 'Rollout', ramp: 'Ramp', compare: 'Compare', history: 'History' } as const

function LoadedMapping({ mapping }: { mapping: MappingView }) {
  const { tab = 'rollout' } = useSearch({ from: '/frame/mappings/$id' })
  const navigate = useNavigate({ from: '/mappings/$id' })
  const movable = movableMapping(mapping)
  const share = useShareNow(movable)
  const acts = useShareActs(movable)
  useWatch(mapping.id)
  return (
    <>
      <MappingHeader mapping={mapping} share={share} acts={acts} />
      <Tabs
        value={tab}
        keepMounted={false}
        onChange={(next) =>
          void navigate({ search: (before) => ({ ...before, tab: next as MappingSearch['tab'] }) })
        }
      >
        <Tabs.List mb="md">
          {mappingTabs.map((name) => (
            <Tabs.Tab key={name} value={name}>
              {tabWords[name]}
            </Tabs.Tab>
          ))}
        </Tabs.List>
        <Tabs.Panel value="rollout">
          <RolloutTab mapping={mapping} share={share} acts={acts} />
        </Tabs.Panel>
        <Tabs.Panel value="ramp">
          <Suspense fallback={<LoadingRows rows={4} height={96} />}>
            <RampSection target={targetOf(movable)} isThroughMember={movable.isThroughMember} />
          </Suspense>
        </Tabs.Panel>
        <Tabs.Panel value="compare">
          <CompareTab mapping={mapping} />
        </Tabs.Panel>
        <Tabs.Panel value="history">
          <HistoryTab mapping={mapping} />
        </Tabs.Panel>
      </Tabs>
    </>
  )
}

function Gone({ id }: { id: string }) {
  return (
    <EmptyState
      icon={<IconMapOff />}
      title="There is no mapping here"
      actions={<ButtonLink to="/mappings">To the mappings</ButtonLink>}
    >
      If it was deleted, the audit trail says by whom and when (search for <code>{id}</code>).
    </EmptyState>
  )
}
