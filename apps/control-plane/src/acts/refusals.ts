import type { VersionConflict } from '@crossfade/contracts/api/mappings'
import { Problem, type FieldError, type ProblemCode } from '@crossfade/contracts/problems'
import { historyOf } from '../store/changes.ts'
import type { ChangeRow } from '../store/entities.ts'
import { isUniqueViolation } from '../store/errors.ts'
import type { Db } from '../store/store.ts'

/** The refusals that many acts share. */

export function found<T>(row: T | null, noun: string): T {
  if (row === null) throw new Problem('not_found', { detail: `There is no such ${noun}` })
  return row
}

/** Refuses with `code` when there is something to complain about. */
export function refuseIf(errors: readonly FieldError[], code: ProblemCode): void {
  const [first] = errors
  if (first) throw new Problem(code, { detail: first.message, errors })
}

/** A taken name breaks a unique index; the transaction is lost then, so this is for the last words of an act. */
export async function refusingTakenNames<T>(name: string, write: Promise<T>): Promise<T> {
  try {
    return await write
  } catch (cause) {
    if (!isUniqueViolation(cause)) throw cause
    const errors = [{ path: 'name', message: 'That name is taken' }]
    throw new Problem('duplicate_name', { detail: `The name ${name} is taken`, errors, cause })
  }
}

/** Which of an object's versions a write is based on. Share acts leave the definition's version alone. */
type VersionName = 'version' | 'shareVersion'

/**
 * Refuses a write based on an old version, and says who changed what since (rule 22): from what the writer saw to
 * what is there now. Holding the environment's lock, so the version cannot change afterwards.
 */
export async function refuseStale(
  db: Db,
  current: { readonly id: string; readonly version: number; readonly shareVersion?: number },
  basedOn: number,
  name: VersionName = 'version',
): Promise<void> {
  const currentVersion = current[name]
  if (currentVersion === undefined || basedOn === currentVersion) return
  const steps = (await historyOf(db, current.id, 100))
    .map((change) => ({
      change,
      before: ownPart(change, change.before, current.id),
      after: ownPart(change, change.after, current.id),
    }))
    .filter((step) => versionIn(step.before, name) !== versionIn(step.after, name))
  const newest = steps[0]
  const first = steps.find((step) => versionIn(step.before, name) === basedOn) ?? newest
  const last = newest && { by: newest.change.actorName, at: newest.change.at.toISOString() }
  const extra: Partial<VersionConflict> = {
    currentVersion,
    ...(newest && { ...last, to: newest.after }),
    ...(first && { from: first.before }),
  }
  const detail = last && `${last.by} changed this at ${last.at}`
  throw new Problem('version_conflict', { ...(detail !== undefined && { detail }), extra })
}

/** What a change says of this object: its own view, its entry in a kill switch, or nothing (a neighbour's change). */
function ownPart(change: ChangeRow, view: unknown, id: string): unknown {
  if (change.objectId === id) return view
  const shares = valueIn(view, 'shares')
  return Array.isArray(shares) ? shares.find((share: unknown) => valueIn(share, 'id') === id) : null
}

function versionIn(view: unknown, name: VersionName): unknown {
  return valueIn(view, name)
}

function valueIn(value: unknown, name: string): unknown {
  return typeof value === 'object' && value !== null ? Reflect.get(value, name) : null
}
