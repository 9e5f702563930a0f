import { overviewSchema, type SeriesPoint } from '@crossfade/contracts/api/series'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { useEnvironmentId } from '../../shared/environment.ts'
import { mappingsQuery } from '../../shared/queries.ts'
import { healthOf, type ServiceHealth } from '../live/health.ts'
import { useLive } from '../live/live-provider.tsx'
import { measuredOf, type Measured } from '../live/measured.ts'
import type { Listed } from './filter-mappings.ts'

export const overviewMinutes = 5

export interface MappingRowData extends Listed {
  readonly measured: Measured
  readonly health: { readonly legacy: ServiceHealth; readonly new: ServiceHealth }
  readonly recent: { readonly legacy: readonly SeriesPoint[]; readonly new: readonly SeriesPoint[] }
}

/** The list's rows: definitions from the API, shares and the last seconds from the feed, sparklines from history. */
export function useMappingRows() {
  const environmentId = useEnvironmentId()
  const view = useLive((state) => state.view)
  const mappings = useQuery(mappingsQuery(environmentId))
  const overview = useQuery({
    queryKey: ['stats', 'overview', environmentId],
    queryFn: ({ signal }) =>
      api.get('/stats/overview', overviewSchema, { environmentId, minutes: overviewMinutes }, signal),
    refetchInterval: 10_000,
    placeholderData: keepPreviousData,
  })
  const agents = Object.values(view?.agents ?? {})
  const rowOf = (mapping: MappingView): MappingRowData => {
    const live = view?.shares[mapping.id]
    const health = {
      legacy: healthOf(agents, mapping.legacy.serviceId),
      new: healthOf(agents, mapping.new.serviceId),
    }
    return {
      mapping,
      percent:
        live !== undefined && live.shareVersion > mapping.shareVersion ? live.percent : mapping.split.percent,
      measured: measuredOf(view?.numbers ?? [], [mapping.id], 10),
      health,
      recent: overview.data?.mappings[mapping.id] ?? nothing,
      needsAttention: [health.legacy, health.new].some(
        ({ health: one }) => one === 'down' || one === 'degraded',
      ),
    }
  }
  return {
    mappings,
    rows: (mappings.data ?? []).map(rowOf),
    resolution: overview.data?.resolution ?? 10,
    overviewAt: overview.data?.at ?? 0,
    overviewFailed: overview.isError,
  }
}

const nothing = { legacy: [], new: [] }
