import { Problem } from '@crossfade/contracts/problems'
import type { Writes } from '@crossfade/core/model'
import type { Author } from '../store/author.ts'
import { bumpGroup, findGroup } from '../store/groups.ts'
import { findMapping, findMappings, setPointOfNoReturn } from '../store/mappings.ts'
import type { ChangeTx, Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { followRollBack } from './ramp-follow.ts'
import { found, refuseStale } from './refusals.ts'
import { moveShare, rolledBackWith, shareView, type SharedKind } from './share-holder.ts'

/** Rule 20: acts that people have to agree on, which is how they are reached (`approvals.ts`). */
export interface PointOfNoReturnActs {
  /** The data has moved: everything of it goes to new from now on, and roll back is refused. */
  declare(author: Author, kind: SharedKind, id: string, ifVersion: number, reason: string): Promise<void>
  /** Takes it away and rolls back, in one. */
  rollBack(author: Author, kind: SharedKind, id: string, ifVersion: number, reason: string): Promise<void>
}

export function pointOfNoReturnActs({ store }: ActParts): PointOfNoReturnActs {
  const environmentOf = async (kind: SharedKind, id: string) =>
    (await store.read((db) => subjectOf(db, kind, id))).environmentId

  return {
    async declare(author, kind, id, ifVersion, reason) {
      await store.change(author, await environmentOf(kind, id), async (tx) => {
        const subject = await agreedOn(tx, kind, id, ifVersion)
        await mark(tx, subject, true)
        await tx.revise()
        tx.record({
          act: `${kind}.point-of-no-return`,
          object: { kind, id, name: subject.name },
          before: { pointOfNoReturn: false, version: subject.version },
          after: { pointOfNoReturn: true, version: subject.version + 1 },
          reason,
          alsoTouches: subject.members.filter((member) => member !== id),
        })
      })
    },

    async rollBack(author, kind, id, ifVersion, reason) {
      await store.change(author, await environmentOf(kind, id), async (tx) => {
        const subject = await agreedOn(tx, kind, id, ifVersion)
        refuseCompleteWrites(subject)
        await mark(tx, subject, false)
        const holder = await rolledBackWith(tx.db, kind, id)
        const { holder: moved } = await moveShare(tx, holder, 0)
        await tx.revise()
        tx.record({
          act: `${holder.kind}.rollback`,
          object: { kind: holder.kind, id: holder.id, name: holder.name },
          before: { ...shareView(holder), pointOfNoReturn: true },
          after: { ...shareView(moved), pointOfNoReturn: false },
          reason,
          alsoTouches: [...new Set([id, ...subject.members])].filter((one) => one !== holder.id),
        })
        await followRollBack(tx, moved, { by: author.actor.name, at: tx.now, reason })
      })
    },
  }
}

export interface Subject {
  readonly kind: SharedKind
  readonly id: string
  readonly environmentId: string
  readonly name: string
  readonly version: number
  /** Ids of the mappings it is about. */
  readonly members: readonly string[]
  /** All of them are past it. */
  readonly isGone: boolean
  readonly writes: readonly Writes[]
}

export async function subjectOf(db: Db, kind: SharedKind, id: string): Promise<Subject> {
  const row = found(kind === 'group' ? await findGroup(db, id) : await findMapping(db, id), kind)
  const ids = 'members' in row ? row.members.map((member) => member.id) : [id]
  const mappings = await findMappings(db, ids)
  return {
    kind,
    id,
    environmentId: row.environmentId,
    name: row.name,
    version: row.version,
    members: ids,
    isGone: mappings.length > 0 && mappings.every((one) => one.pointOfNoReturn),
    writes: mappings.map((one) => one.writes as unknown as Writes),
  }
}

/** Nobody gets here without an approval: of this version, in this transaction. */
async function agreedOn(tx: ChangeTx, kind: SharedKind, id: string, ifVersion: number): Promise<Subject> {
  if (!tx.approved) throw new Problem('approval_required')
  const subject = await subjectOf(tx.db, kind, id)
  await refuseStale(tx.db, subject, ifVersion)
  return subject
}

async function mark(tx: ChangeTx, { kind, id, members, version }: Subject, isGone: boolean): Promise<void> {
  await setPointOfNoReturn(tx.db, members, isGone)
  if (kind === 'group') await bumpGroup(tx.db, id, version)
}

function refuseCompleteWrites({ name, writes }: Subject): void {
  if (!writes.some((one) => one.kind === 'phased' && one.phase === 'complete')) return
  throw new Problem('point_of_no_return', {
    detail: `Writes of ${name} go to new only; move their authority back first`,
  })
}
