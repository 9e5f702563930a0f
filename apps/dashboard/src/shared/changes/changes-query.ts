import { changeSchema, type Change, type ChangesQuery } from '@crossfade/contracts/api/changes'
import { pageOf } from '@crossfade/contracts/api/common'
import { infiniteQueryOptions, queryOptions } from '@tanstack/react-query'
import { api } from '../api.ts'

/** Which changes to show; everything but paging. */
export type ChangesFilter = Omit<ChangesQuery, 'cursor' | 'limit'>

const page = pageOf(changeSchema)
export const newestLimit = 100

/**
 * Pages from the newest on. Its key does not begin with `changes` on purpose: a new change must not make the list
 * jump under a reader; `newestChangesQuery` notices it instead.
 */
export const changePagesQuery = (filter: ChangesFilter) =>
  infiniteQueryOptions({
    queryKey: ['change-pages', filter],
    queryFn: ({ pageParam, signal }) =>
      api.get('/changes', page, { ...filter, cursor: pageParam, limit: 50 }, signal),
    initialPageParam: null as string | null,
    getNextPageParam: (last) => last.nextCursor,
    staleTime: Number.POSITIVE_INFINITY,
    gcTime: 0,
    refetchOnWindowFocus: false,
    refetchOnReconnect: false,
  })

/** Read again whenever the live feed tells of a change. */
export const newestChangesQuery = (filter: ChangesFilter) =>
  queryOptions({
    queryKey: ['changes', 'newest', filter],
    queryFn: ({ signal }) => api.get('/changes', page, { ...filter, limit: newestLimit }, signal),
    gcTime: 0,
    refetchInterval: 30_000,
  })

export const changeQuery = (seq: number) =>
  queryOptions({
    queryKey: ['changes', 'one', seq],
    queryFn: ({ signal }) => api.get(`/changes/${seq}`, changeSchema, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export interface MergedChanges {
  /** Newest first, each once. */
  readonly items: readonly Change[]
  /** How many of the newest are not among the pages. */
  readonly unseen: number
  /** All of the newest are unseen, so there may be others between them and the pages. */
  readonly mayHaveGap: boolean
}

export function mergeChanges(pages: readonly Change[], newest: readonly Change[]): MergedChanges {
  const top = pages[0]?.seq ?? 0
  const unseen = newest.filter(({ seq }) => seq > top)
  return {
    items: [...unseen, ...pages],
    unseen: unseen.length,
    mayHaveGap: unseen.length === newest.length && newest.length >= newestLimit,
  }
}
