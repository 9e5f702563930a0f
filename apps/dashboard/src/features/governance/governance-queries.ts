import { governanceViewSchema } from '@crossfade/contracts/api/freezes'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

/** What raises of an environment meet. A freeze begins and ends without an event, so it is read again. */
export const governanceQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['governance', environmentId],
    queryFn: ({ signal }) =>
      api.get(`/environments/${environmentId}/governance`, governanceViewSchema, {}, signal),
    refetchInterval: 30_000,
  })
