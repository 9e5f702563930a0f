import type { Share } from '@crossfade/core/model'
import type { Db } from './store.ts'

/** What many ramps need to know of their targets at once. */
export interface TargetRow {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly share: Share
  readonly shareVersion: number
  readonly members: readonly { readonly id: string; readonly pointOfNoReturn: boolean }[]
}

/** By the id of the mapping or group; a mapping that joined a group is not among them. */
export async function targetsOf(
  db: Db,
  targets: readonly { readonly kind: 'mapping' | 'group'; readonly id: string }[],
): Promise<Map<string, TargetRow>> {
  const ids = (kind: 'mapping' | 'group') => targets.filter((one) => one.kind === kind).map(({ id }) => id)
  const own = { id: true, name: true, share: true, shareVersion: true } as const
  const mappings = await db.mapping.findMany({
    where: { id: { in: ids('mapping') }, groupId: null },
    select: { ...own, pointOfNoReturn: true },
  })
  const groups = await db.group.findMany({
    where: { id: { in: ids('group') } },
    select: { ...own, members: { select: { id: true, pointOfNoReturn: true }, orderBy: { id: 'asc' } } },
  })
  const alone = mappings.map(({ pointOfNoReturn, ...row }) => {
    return { ...row, kind: 'mapping' as const, members: [{ id: row.id, pointOfNoReturn }] }
  })
  const whole = groups.map((row) => ({ ...row, kind: 'group' as const }))
  return new Map([...alone, ...whole].map((row) => [row.id, row]))
}
