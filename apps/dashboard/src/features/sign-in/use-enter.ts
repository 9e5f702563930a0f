import type { Me } from '@crossfade/contracts/api/people'
import { useQueryClient } from '@tanstack/react-query'
import { useRouter } from '@tanstack/react-router'
import { meQuery } from '../../shared/queries.ts'

/** Goes inside as `me`, to the page first asked for. Nothing the one before had read stays. */
export function useEnter(): (me: Me, next?: string) => Promise<void> {
  const client = useQueryClient()
  const router = useRouter()
  return async (me, next) => {
    client.clear()
    client.setQueryData(meQuery().queryKey, me)
    if (next !== undefined && next.startsWith('/') && !next.startsWith('//')) router.history.replace(next)
    else await router.navigate({ to: '/mappings', replace: true })
  }
}
