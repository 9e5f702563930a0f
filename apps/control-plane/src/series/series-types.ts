import type { z } from 'zod'
import type {
  clientsQuerySchema,
  ClientsView,
  pathsQuerySchema,
  PathsView,
  SeriesOverview,
  seriesQuerySchema,
  SeriesView,
} from '@crossfade/contracts/api/series'

/** The history of numbers. Without a mapping, a query sums the whole environment (`default` unless named). */
export interface SeriesReader {
  series(query: z.output<typeof seriesQuerySchema>): Promise<SeriesView>
  overview(query: { environmentId: string; minutes: number }): Promise<SeriesOverview>
  clients(query: z.output<typeof clientsQuerySchema>): Promise<ClientsView>
  paths(query: z.output<typeof pathsQuerySchema>): Promise<PathsView>
}
