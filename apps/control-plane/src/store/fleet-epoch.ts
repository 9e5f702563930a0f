import type { Db } from './store.ts'

/**
 * Starts a new epoch naming the old one, if the environment still is in `epoch` and behind `seenRevision`
 * (rule 25); null when it is not, because another replica was faster or nothing was lost after all.
 * Runs inside `Store.change`, which holds the environment's lock.
 */
export async function beginEpoch(
  db: Db,
  seen: { readonly environmentId: string; readonly epoch: string; readonly revision: number },
  nextEpoch: string,
): Promise<{ readonly name: string; readonly revisionBefore: number } | null> {
  const row = await db.environment.findUnique({
    where: { id: seen.environmentId },
    select: { name: true, epoch: true, revision: true },
  })
  if (row === null || row.epoch !== seen.epoch || row.revision >= seen.revision) return null
  await db.environment.update({
    where: { id: seen.environmentId },
    data: { epoch: nextEpoch, previousEpoch: seen.epoch },
  })
  return { name: row.name, revisionBefore: row.revision }
}
