import { percentOfShare } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { Share } from '@crossfade/core/model'
import { revisionOf } from '../store/environments.ts'
import { findGroup, setGroupShare } from '../store/groups.ts'
import { findMapping, findMappings, setMappingShare } from '../store/mappings.ts'
import type { ChangeTx, Db } from '../store/store.ts'
import { refuseRaise } from './raises.ts'
import { found } from './refusals.ts'

export type SharedKind = 'mapping' | 'group'

/** Whose share is set: a mapping by itself, or a group with its members. */
export interface Holder {
  readonly kind: SharedKind
  readonly id: string
  readonly environmentId: string
  readonly name: string
  readonly version: number
  readonly share: Share
  readonly shareVersion: number
  readonly members: readonly { readonly id: string; readonly name: string }[]
  /** Mappings whose data has moved: the mapping itself, or every member. */
  readonly isGone: boolean
}

/** Throws `in_group` for a member: its share is its group's. */
export async function holderOf(db: Db, kind: SharedKind, id: string): Promise<Holder> {
  if (kind === 'group') return await groupHolder(db, id)
  const row = found(await findMapping(db, id), 'mapping')
  if (row.group) {
    throw new Problem('in_group', {
      detail: `The share of ${row.name} belongs to the group ${row.group.name}`,
      extra: { groupId: row.group.id, groupName: row.group.name },
    })
  }
  return mappingHolder(row)
}

/** A member is rolled back with its group (rule 12), unless its own data has moved. */
export async function rolledBackWith(db: Db, kind: SharedKind, id: string): Promise<Holder> {
  if (kind === 'group') return await groupHolder(db, id)
  const row = found(await findMapping(db, id), 'mapping')
  if (row.pointOfNoReturn || !row.group) return mappingHolder(row)
  return await groupHolder(db, row.group.id)
}

/**
 * Every change of a share, by hand, by a ramp, or back to 0: compare-and-set on the share's version, and the next
 * revision. A group's members move together because they have no share of their own. The caller writes the audit.
 */
export async function moveShare(
  tx: ChangeTx,
  holder: Holder,
  share: Share,
  options: { readonly approved?: boolean } = {},
): Promise<{ readonly holder: Holder; readonly revision: number; readonly changed: boolean }> {
  if (share === holder.share) {
    return { holder, revision: await revisionOf(tx.db, holder.environmentId), changed: false }
  }
  if (share > holder.share) {
    const { kind, id, name } = holder
    const raise = { kind, id, name, from: holder.share, to: share }
    await refuseRaise(tx, holder.environmentId, raise, options.approved ?? false)
  }
  const set = holder.kind === 'mapping' ? setMappingShare : setGroupShare
  const { shareVersion } = await set(tx.db, holder.id, holder.shareVersion, share)
  return { holder: { ...holder, share, shareVersion }, revision: await tx.revise(), changed: true }
}

/** How a share looks in the audit trail; conflicts are explained with it. */
export function shareView({ share, shareVersion }: Holder) {
  return { percent: percentOfShare(share), shareVersion }
}

/** Ids of the members of a group, whose history its changes are part of. */
export function memberIds({ kind, members }: Holder): string[] {
  return kind === 'group' ? members.map(({ id }) => id) : []
}

type MappingRow = NonNullable<Awaited<ReturnType<typeof findMapping>>>

function mappingHolder(row: MappingRow): Holder {
  const members = [{ id: row.id, name: row.name }]
  return { ...row, kind: 'mapping', members, isGone: row.pointOfNoReturn }
}

async function groupHolder(db: Db, id: string): Promise<Holder> {
  const row = found(await findGroup(db, id), 'group')
  const ids = row.members.map((member) => member.id)
  const members = await findMappings(db, ids)
  const isGone = members.length > 0 && members.every((member) => member.pointOfNoReturn)
  return { ...row, kind: 'group', isGone }
}
