import { QueryClient } from '@tanstack/react-query'
import { asProblem } from '../shared/api.ts'

/** The live feed says when something changed, so answers stay good for a while; refusals are not asked again. */
export function createQueryClient(): QueryClient {
  return new QueryClient({
    defaultOptions: {
      queries: {
        staleTime: 15_000,
        networkMode: 'always',
        retry: (failures, error) => {
          const { status } = asProblem(error)
          return failures < 2 && (status === 0 || status >= 500)
        },
        // Tried again, but told within a second and a half.
        retryDelay: (failures) => 500 * 2 ** failures,
      },
      mutations: { retry: false, networkMode: 'always' },
    },
  })
}
