import type { Share } from '@crossfade/core/model'
import type { Db } from './store.ts'

export interface Raised {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly share: Share
  readonly shareVersion: number
}

/** Everything of an environment that sends traffic to new, and mappings that cannot go back. */
export async function raisedIn(db: Db, environmentId: string) {
  const mappings = await db.mapping.findMany({
    where: { environmentId, OR: [{ pointOfNoReturn: true }, { groupId: null, share: { gt: 0 } }] },
    select: { id: true, name: true, share: true, shareVersion: true, pointOfNoReturn: true },
    orderBy: { id: 'asc' },
  })
  const groups = await db.group.findMany({
    where: { environmentId, share: { gt: 0 } },
    select: {
      id: true,
      name: true,
      share: true,
      shareVersion: true,
      members: { select: { id: true, pointOfNoReturn: true } },
    },
    orderBy: { id: 'asc' },
  })
  return {
    mappings: mappings.filter((mapping) => !mapping.pointOfNoReturn),
    groups: groups.filter(
      ({ members }) => members.length === 0 || members.some((one) => !one.pointOfNoReturn),
    ),
    gone: mappings.filter((mapping) => mapping.pointOfNoReturn),
  }
}

/** Share 0 for all of them at once, each with a new version. */
export async function lowerToZero(
  db: Db,
  ids: { readonly mappings: readonly string[]; readonly groups: readonly string[] },
): Promise<void> {
  const data = { share: 0, shareVersion: { increment: 1 } }
  await db.mapping.updateMany({ where: { id: { in: [...ids.mappings] } }, data })
  await db.group.updateMany({ where: { id: { in: [...ids.groups] } }, data })
}
