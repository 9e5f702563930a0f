import { Problem, type FieldError } from '@crossfade/contracts/problems'
import { covers, type Access } from '@crossfade/contracts/roles'
import { refuseIf } from '../acts/refusals.ts'
import { knownEnvironments } from '../store/access.ts'
import type { Granter } from '../store/author.ts'
import type { Db } from '../store/store.ts'

/** Nobody gives, changes or takes rights that go beyond their own. */
export function refuseGrantingMore(granter: Granter, given: Access): void {
  if (covers(granter.access, given)) return
  throw new Problem('forbidden', {
    detail: 'This goes beyond your own rights; nobody grants more than they have',
  })
}

export async function refuseUnknownEnvironments(db: Db, { environments }: Access): Promise<void> {
  const ids = environments.map((one) => one.environmentId)
  const known = await knownEnvironments(db, ids)
  const errors = ids.flatMap((id, i): FieldError[] =>
    known.has(id)
      ? []
      : [{ path: `access.environments.${i}.environmentId`, message: `There is no environment ${id}` }],
  )
  refuseIf(errors, 'invalid_reference')
}
