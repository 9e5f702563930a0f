import type { Db } from './store.ts'

/** A mapping's share (its group's, in a group) with the version a new one must name. */
export interface MappingShare {
  readonly mappingId: string
  readonly share: number
  readonly shareVersion: number
}

export async function mappingShares(db: Db, environmentId: string): Promise<MappingShare[]> {
  const rows = await db.mapping.findMany({
    where: { environmentId },
    select: {
      id: true,
      share: true,
      shareVersion: true,
      group: { select: { share: true, shareVersion: true } },
    },
    orderBy: { id: 'asc' },
  })
  return rows.map(({ id, group, share, shareVersion }) => ({
    mappingId: id,
    share: group?.share ?? share,
    shareVersion: group?.shareVersion ?? shareVersion,
  }))
}
