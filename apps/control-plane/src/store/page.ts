/** One page of rows, and where the next begins. */
export interface Page<T> {
  readonly items: T[]
  readonly nextCursor: string | null
}

/** What every list takes. The cursor is the last id (or sequence number) of the page before. */
export interface PageQuery {
  readonly cursor?: string | undefined
  readonly limit: number
}

/** Ids of the environments to look in; `all` has no exceptions. */
export type Among = 'all' | readonly string[]

export interface ListQuery extends PageQuery {
  readonly among: Among
}

/** For a where clause on `environmentId`; undefined asks for all. */
export function within(among: Among): { readonly in: string[] } | undefined {
  return among === 'all' ? undefined : { in: [...among] }
}

/** Prisma's arguments for a page in the order of ids, which is the order of creation; one row more than asked. */
export function pageArguments(query: ListQuery) {
  const environmentId = within(query.among)
  return {
    where: {
      ...(environmentId && { environmentId }),
      ...(query.cursor !== undefined && { id: { gt: query.cursor } }),
    },
    orderBy: { id: 'asc' },
    take: query.limit + 1,
  } as const
}

/** Cuts off the row too many and says where it is. */
export function toPage<T>(rows: T[], limit: number, cursorOf: (row: T) => string): Page<T> {
  const items = rows.slice(0, limit)
  const last = items.at(-1)
  return { items, nextCursor: rows.length > limit && last !== undefined ? cursorOf(last) : null }
}
