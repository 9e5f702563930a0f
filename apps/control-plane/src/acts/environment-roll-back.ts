import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import { percentOfShare } from '@crossfade/contracts/percent'
import type { Author } from '../store/author.ts'
import { findEnvironment, revisionOf } from '../store/environments.ts'
import { lowerToZero, raisedIn } from '../store/shares.ts'
import type { Store } from '../store/store.ts'
import { followEnvironmentRollBack, type HandAct } from './ramp-follow.ts'
import { found } from './refusals.ts'

/**
 * The kill switch: every mapping and group of an environment to share 0, as one change that names them all.
 * Mappings past the point of no return are skipped and named.
 */
export async function rollBackEnvironment(
  store: Store,
  author: Author,
  id: string,
  act: HandAct,
): Promise<EnvironmentRollback> {
  const { name } = found(await store.read((db) => findEnvironment(db, id)), 'environment')
  const { value } = await store.change(author, id, async (tx) => {
    const { mappings, groups, gone } = await raisedIn(tx.db, id)
    const skipped = gone.map((mapping) => ({
      id: mapping.id,
      name: mapping.name,
      reason: 'Its data has moved (point of no return)',
    }))
    const raised = [
      ...mappings.map((one) => ({ kind: 'mapping' as const, ...one })),
      ...groups.map((one) => ({ kind: 'group' as const, ...one })),
    ]
    const rolledBack = raised.map((one) => ({
      kind: one.kind,
      id: one.id,
      name: one.name,
      percentBefore: percentOfShare(one.share),
    }))
    if (rolledBack.length === 0) {
      return { revision: await revisionOf(tx.db, id), rolledBack, skipped, recorded: true }
    }
    await lowerToZero(tx.db, {
      mappings: mappings.map((one) => one.id),
      groups: groups.map((one) => one.id),
    })
    tx.record({
      act: 'environment.rollback',
      object: { kind: 'environment', id, name },
      before: {
        shares: raised.map((one) => shareEntry(one, percentOfShare(one.share), one.shareVersion)),
      },
      after: { shares: raised.map((one) => shareEntry(one, 0, one.shareVersion + 1)), skipped },
      reason: act.reason,
      alsoTouches: [
        ...rolledBack.map((one) => one.id),
        ...groups.flatMap((group) => group.members.map((member) => member.id)),
      ],
    })
    await followEnvironmentRollBack(tx, id, act)
    return { revision: await tx.revise(), rolledBack, skipped, recorded: true }
  })
  return value
}

function shareEntry(
  { kind, id, name }: { readonly kind: 'mapping' | 'group'; readonly id: string; readonly name: string },
  percent: number,
  shareVersion: number,
) {
  return { kind, id, name, percent, shareVersion }
}
