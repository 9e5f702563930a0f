import { seriesViewSchema } from '@crossfade/contracts/api/series'
import { changeSchema } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import { keepPreviousData, useQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'
import { useClock, useNow } from '../../shared/clock.tsx'
import type { ChartMarker } from '../../shared/ui/chart.tsx'
import { useLive } from '../live/live-provider.tsx'
import { markersOf, settled, spans, withLive, type History } from './chart-data.ts'
import type { Range } from './mappings-search.ts'

/** Width of a point and how often the stored part is read again; seconds. */
const readings: Readonly<Record<Range, { resolution: number; wide: number; everySeconds: number }>> = {
  '5m': { resolution: 1, wide: 60, everySeconds: 30 },
  '1h': { resolution: 10, wide: 60, everySeconds: 10 },
  '6h': { resolution: 60, wide: 60, everySeconds: 60 },
  '24h': { resolution: 60, wide: 3600, everySeconds: 60 },
}

export interface HistoryNow {
  readonly history: History
  /** The same span in windows of a minute or more, for quantiles that mean something. */
  readonly wide: History
  /** What the charts show, server clock, ms. */
  readonly from: number
  readonly to: number
  readonly markers: readonly ChartMarker[]
  readonly isPending: boolean
  readonly error: unknown
  readonly retry: () => void
}

/** The numbers of one mapping over a range: stored ones, carried on by the live feed. */
export function useHistory(mappingId: string, range: Range): HistoryNow {
  const clock = useClock()
  const skewMs = useLive((state) => state.skewMs)
  const numbers = useLive((state) => state.view?.numbers ?? none)
  const { resolution, wide, everySeconds } = readings[range]
  const spanMs = spans[range].seconds * 1000
  const stored = useQuery({
    queryKey: ['stats', mappingId, range],
    queryFn: ({ signal }) => {
      const from = clock.now() + skewMs - spanMs - resolution * 1000
      return api.get('/stats/series', seriesViewSchema, { mappingId, from, resolution }, signal)
    },
    refetchInterval: everySeconds * 1000,
    staleTime: 0,
    placeholderData: keepPreviousData,
  })
  const inWide = useQuery({
    queryKey: ['stats', mappingId, range, 'wide'],
    queryFn: ({ signal }) => {
      const from = clock.now() + skewMs - spanMs
      return api.get('/stats/series', seriesViewSchema, { mappingId, from, resolution: wide }, signal)
    },
    refetchInterval: 15_000,
    staleTime: 0,
    placeholderData: keepPreviousData,
    enabled: wide !== resolution,
  })
  const moved = useQuery({
    queryKey: ['changes', 'moves', mappingId],
    queryFn: ({ signal }) =>
      api.get('/changes', pageOf(changeSchema), { objectId: mappingId, limit: 200 }, signal),
  })
  const to = Math.floor((useNow(1000) + skewMs) / 1000) * 1000
  const history = stored.data === undefined ? empty : withLive(stored.data, numbers, mappingId)
  return {
    history: settled(history, to),
    wide: inWide.data ?? history,
    from: to - spanMs,
    to,
    markers: markersOf(moved.data?.items ?? none),
    isPending: stored.isPending,
    error: stored.data === undefined ? stored.error : null,
    retry: () => void stored.refetch(),
  }
}

const none: readonly never[] = []
const empty: History = { resolution: 1, legacy: [], new: [] }
