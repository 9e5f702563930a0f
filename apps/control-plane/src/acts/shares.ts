import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import { percentOfShare, shareOfPercent } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { Share } from '@crossfade/core/model'
import type { Author } from '../store/author.ts'
import { revisionOf } from '../store/environments.ts'
import { findGroup, setGroupShare } from '../store/groups.ts'
import { findMapping, findMappings, setMappingShare } from '../store/mappings.ts'
import type { ChangeTx, Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { rollBackEnvironment } from './environment-roll-back.ts'
import { found, refuseStale } from './refusals.ts'

export type SharedKind = 'mapping' | 'group'
export interface ReasonOption {
  readonly reason?: string | undefined
}

export interface ShareActs {
  /** Compare-and-set on the share's version. A member's share is its group's: `in_group`. */
  set(
    author: Author,
    kind: SharedKind,
    id: string,
    ifVersion: number,
    input: ReasonOption & { readonly percent: number },
  ): Promise<ShareResult>
  /** Share 0 whatever the version; a member rolls back its group, and the answer says so. */
  rollBack(author: Author, kind: SharedKind, id: string, options: ReasonOption): Promise<ShareResult>
  /** Everything that sends traffic to new, as one change. */
  rollBackEnvironment(author: Author, id: string, options: ReasonOption): Promise<EnvironmentRollback>
}

/** Whose share is set: a mapping by itself, or a group with its members. */
interface Holder {
  readonly kind: SharedKind
  readonly id: string
  readonly environmentId: string
  readonly name: string
  readonly version: number
  readonly share: Share
  readonly shareVersion: number
  readonly memberIds: readonly string[]
  /** Mappings whose data has moved: the mapping itself, or every member. */
  readonly isGone: boolean
}

export function shareActs(parts: ActParts): ShareActs {
  const { store } = parts
  const find = (kind: SharedKind, id: string) => store.read((db) => holderOf(db, kind, id))

  return {
    async set(author, kind, id, ifVersion, { percent, reason }) {
      const { environmentId } = await find(kind, id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const holder = await holderOf(tx.db, kind, id)
        await refuseStale(tx.db, holder, ifVersion, 'shareVersion')
        const share = shareOfPercent(percent)
        if (holder.isGone && share < holder.share) throw pointOfNoReturn(holder)
        return await write(tx, holder, share, 'share', reason)
      })
      return value
    },

    async rollBack(author, kind, id, { reason }) {
      const { environmentId } = await store.read((db) => rolledBackWith(db, kind, id))
      const { value } = await store.change(author, environmentId, async (tx) => {
        const holder = await rolledBackWith(tx.db, kind, id)
        if (holder.isGone) throw pointOfNoReturn(holder)
        return await write(tx, holder, 0, 'rollback', reason)
      })
      return value
    },

    rollBackEnvironment: (author, id, options) => rollBackEnvironment(store, author, id, options),
  }
}

async function write(
  tx: ChangeTx,
  holder: Holder,
  share: Share,
  act: 'share' | 'rollback',
  reason: string | undefined,
): Promise<ShareResult> {
  const { kind, id, name, memberIds } = holder
  const changed = share !== holder.share
  // The button acts first and asks why afterwards: the reason comes with a second roll back that moves nothing.
  const isNote = !changed && act === 'rollback' && reason !== undefined && reason !== ''
  let { shareVersion } = holder
  if (changed) {
    const set = kind === 'mapping' ? setMappingShare : setGroupShare
    ;({ shareVersion } = await set(tx.db, id, shareVersion, share))
  }
  if (changed || isNote) {
    tx.record({
      act: `${kind}.${act}`,
      object: { kind, id, name },
      before: { percent: percentOfShare(holder.share), shareVersion: holder.shareVersion },
      after: { percent: percentOfShare(share), shareVersion },
      reason: reason === undefined || reason === '' ? null : reason,
      alsoTouches: kind === 'group' ? memberIds : [],
    })
  }
  return {
    kind,
    id,
    name,
    percent: percentOfShare(share),
    percentBefore: percentOfShare(holder.share),
    shareVersion,
    revision: changed ? await tx.revise() : await revisionOf(tx.db, holder.environmentId),
    changed,
    mappingIds: [...memberIds],
    recorded: true,
  }
}

async function holderOf(db: Db, kind: SharedKind, id: string): Promise<Holder> {
  if (kind === 'group') return await groupHolder(db, id)
  const row = found(await findMapping(db, id), 'mapping')
  if (row.group) {
    throw new Problem('in_group', {
      detail: `The share of ${row.name} belongs to the group ${row.group.name}`,
      extra: { groupId: row.group.id, groupName: row.group.name },
    })
  }
  return { ...row, kind, memberIds: [id], isGone: row.pointOfNoReturn }
}

/** A member is rolled back with its group (rule 12), unless its own data has moved. */
async function rolledBackWith(db: Db, kind: SharedKind, id: string): Promise<Holder> {
  if (kind === 'group') return await groupHolder(db, id)
  const row = found(await findMapping(db, id), 'mapping')
  if (row.pointOfNoReturn || !row.group) {
    return { ...row, kind, memberIds: [id], isGone: row.pointOfNoReturn }
  }
  return await groupHolder(db, row.group.id)
}

async function groupHolder(db: Db, id: string): Promise<Holder> {
  const row = found(await findGroup(db, id), 'group')
  const memberIds = row.members.map((member) => member.id)
  const members = await findMappings(db, memberIds)
  const isGone = members.length > 0 && members.every((member) => member.pointOfNoReturn)
  return { ...row, kind: 'group', memberIds, isGone }
}

function pointOfNoReturn({ name }: Holder): Problem {
  return new Problem('point_of_no_return', {
    detail: `The data of ${name} has moved; it cannot be rolled back`,
  })
}
