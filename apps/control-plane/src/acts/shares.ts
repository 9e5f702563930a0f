import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import { percentOfShare, shareOfPercent } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { Share } from '@crossfade/core/model'
import type { Author } from '../store/author.ts'
import type { ChangeTx } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { rollBackEnvironment } from './environment-roll-back.ts'
import { followHandMove, followRollBack } from './ramp-follow.ts'
import { refuseStale } from './refusals.ts'
import {
  holderOf,
  memberIds,
  moveShare,
  rolledBackWith,
  shareView,
  type Holder,
  type SharedKind,
} from './share-holder.ts'

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

export function shareActs(parts: ActParts): ShareActs {
  const { store, clock } = parts
  const personOf = ({ actor }: Author, reason: string | undefined) => ({
    by: actor.name,
    at: clock.now(),
    reason: reason === undefined || reason === '' ? null : reason,
  })
  const find = (kind: SharedKind, id: string) => store.read((db) => holderOf(db, kind, id))

  return {
    async set(author, kind, id, ifVersion, { percent, reason }) {
      const { environmentId } = await find(kind, id)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const holder = await holderOf(tx.db, kind, id)
        await refuseStale(tx.db, holder, ifVersion, 'shareVersion')
        const share = shareOfPercent(percent)
        if (holder.isGone && share < holder.share) throw pointOfNoReturn(holder)
        const { result, moved } = await write(tx, holder, share, 'share', reason)
        const ramp = await followHandMove(tx, holder, moved, personOf(author, reason))
        return { ...result, ...(ramp && { ramp }) }
      })
      return value
    },

    async rollBack(author, kind, id, { reason }) {
      const { environmentId } = await store.read((db) => rolledBackWith(db, kind, id))
      const { value } = await store.change(author, environmentId, async (tx) => {
        const holder = await rolledBackWith(tx.db, kind, id)
        if (holder.isGone) throw pointOfNoReturn(holder)
        const { result, moved } = await write(tx, holder, 0, 'rollback', reason)
        const ramp = await followRollBack(tx, moved, personOf(author, reason))
        return { ...result, ...(ramp && { ramp }) }
      })
      return value
    },

    rollBackEnvironment: (author, id, { reason }) =>
      rollBackEnvironment(store, author, id, personOf(author, reason)),
  }
}

async function write(
  tx: ChangeTx,
  holder: Holder,
  share: Share,
  act: 'share' | 'rollback',
  reason: string | undefined,
): Promise<{ readonly result: ShareResult; readonly moved: Holder }> {
  const { kind, id, name } = holder
  const { holder: moved, changed, revision } = await moveShare(tx, holder, share)
  // The button acts first and asks why afterwards: the reason comes with a second roll back that moves nothing.
  const isNote = !changed && act === 'rollback' && reason !== undefined && reason !== ''
  if (changed || isNote) {
    tx.record({
      act: `${kind}.${act}`,
      object: { kind, id, name },
      before: shareView(holder),
      after: shareView(moved),
      reason: reason === undefined || reason === '' ? null : reason,
      alsoTouches: memberIds(holder),
    })
  }
  const result = {
    kind,
    id,
    name,
    percent: percentOfShare(share),
    percentBefore: percentOfShare(holder.share),
    shareVersion: moved.shareVersion,
    revision,
    changed,
    mappingIds: holder.members.map((member) => member.id),
    recorded: true,
  }
  return { result, moved }
}

function pointOfNoReturn({ name }: Holder): Problem {
  return new Problem('point_of_no_return', {
    detail: `The data of ${name} has moved; it cannot be rolled back`,
  })
}
