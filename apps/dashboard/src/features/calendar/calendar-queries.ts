import { freezeViewSchema } from '@crossfade/contracts/api/freezes'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

export const freezesQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['freezes', environmentId],
    queryFn: ({ signal }) => api.list('/freezes', freezeViewSchema, { environmentId }, signal),
    refetchInterval: 60_000,
  })
