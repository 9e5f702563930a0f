import { useInfiniteQuery, useQuery, useQueryClient } from '@tanstack/react-query'
import { useCallback, useEffect } from 'react'
import { changePagesQuery, mergeChanges, newestChangesQuery, type ChangesFilter } from './changes-query.ts'

/** The changes of a filter, read page by page. `follow`: new ones join by themselves, else they are counted. */
export function useChanges(filter: ChangesFilter, follow: boolean) {
  const client = useQueryClient()
  const pages = useInfiniteQuery(changePagesQuery(filter))
  const newest = useQuery({ ...newestChangesQuery(filter), enabled: pages.isSuccess })
  const loaded = pages.data?.pages.flatMap(({ items }) => items) ?? []
  const merged = mergeChanges(loaded, newest.data?.items ?? [])

  const key = JSON.stringify(filter)
  const showNewest = useCallback(
    () => client.resetQueries({ queryKey: changePagesQuery(JSON.parse(key) as ChangesFilter).queryKey }),
    [client, key],
  )
  const mustRestart = follow && merged.mayHaveGap
  useEffect(() => {
    if (mustRestart) void showNewest()
  }, [mustRestart, showNewest])

  return {
    items: follow && !merged.mayHaveGap ? merged.items : loaded,
    unseen: follow ? 0 : merged.unseen,
    /** "100 or more". */
    unseenIsLeast: merged.mayHaveGap,
    isLoading: pages.isPending,
    error: pages.error,
    hasOlder: pages.hasNextPage,
    isLoadingOlder: pages.isFetchingNextPage,
    loadOlder: () => void pages.fetchNextPage(),
    showNewest: () => void showNewest(),
    retry: () => void pages.refetch(),
  }
}
