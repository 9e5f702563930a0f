import { clientsViewSchema, pathsViewSchema } from '@crossfade/contracts/api/series'
import { useQuery } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

const everyMs = 15_000

/** The busiest paths of a day: of unmapped traffic, or inside one mapping. */
export function usePaths(of: { readonly environmentId: string } | { readonly mappingId: string }) {
  return useQuery({
    queryKey: ['stats', 'paths', of],
    queryFn: ({ signal }) => api.get('/stats/paths', pathsViewSchema, { ...of, limit: 20 }, signal),
    refetchInterval: everyMs,
    staleTime: 0,
  })
}

/** Both sides of a mapping by kind of client over the last hour. */
export function useClients(mappingId: string) {
  return useQuery({
    queryKey: ['stats', 'clients', mappingId],
    queryFn: ({ signal }) => api.get('/stats/clients', clientsViewSchema, { mappingId, minutes: 60 }, signal),
    refetchInterval: everyMs,
    staleTime: 0,
  })
}
