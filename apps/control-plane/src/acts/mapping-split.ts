import type { MappingSpec } from '@crossfade/contracts/api/mappings'
import { Problem } from '@crossfade/contracts/problems'
import type { Group, Mapping, Share, Split } from '@crossfade/core/model'
import {
  effectiveSplitOf,
  groupOf,
  type CohortRow,
  type GroupRow,
  type MappingRow,
} from '../store/entities.ts'
import { findGroup } from '../store/groups.ts'
import type { SplitColumns } from '../store/mappings.ts'
import type { Db } from '../store/store.ts'
import type { ActParts } from './acts.ts'
import { namedCohort, newCohort } from './cohorts.ts'

/** The split a mapping is to have, as columns and as core's nouns. */
export interface PlannedSplit {
  readonly columns: SplitColumns
  readonly share: Share
  readonly shareVersion: number
  readonly split: Mapping['split']
  /** The group it is in then. */
  readonly group: Group | null
}

/**
 * What `input` makes of a mapping's split. What is left out stays: a mapping that leaves its group keeps the
 * group's cohort, identity and share, so nobody moves; one that joins takes the group's. A new mapping starts at 0.
 */
export async function planSplit(
  db: Db,
  environmentId: string,
  input: Pick<MappingSpec, 'name' | 'split'>,
  before: MappingRow | null,
  random: ActParts['random'],
): Promise<PlannedSplit> {
  const { split } = input
  const shareVersion = nextShareVersion(before, split.kind === 'group' ? split.groupId : null)
  if (split.kind === 'group') {
    const row = await findGroup(db, split.groupId)
    if (!row || row.environmentId !== environmentId) throw unknownGroup(split.groupId)
    const columns = { kind: 'group', groupId: row.id } as const
    return { columns, share: 0, shareVersion, split: { groupId: row.id }, group: groupOf(row) }
  }
  const kept: Split | null = before && effectiveSplitOf(before)
  const keptCohort: CohortRow | null = before && (before.group?.cohort ?? before.cohort)
  const cohort =
    split.cohortId === null
      ? (keptCohort ?? (await newCohort(db, environmentId, input.name, random)))
      : await namedCohort(db, environmentId, split.cohortId)
  const identity = split.identity ?? kept?.identity ?? { kind: 'request' }
  const missing = split.missing ?? kept?.missing ?? 'legacy'
  const share = kept?.share ?? 0
  return {
    columns: { kind: 'own', cohortId: cohort.id, identity, missing },
    share,
    shareVersion,
    split: { share, cohort: cohort.salt, identity, missing },
    group: null,
  }
}

/** The groups a mapping's split needs to be understood. */
export function groupsOf(...groups: readonly (Group | GroupRow | null)[]): Group[] {
  const found = groups.flatMap((group) =>
    group === null ? [] : 'split' in group ? [group] : [groupOf(group)],
  )
  return found.filter((group, i) => found.findIndex((other) => other.id === group.id) === i)
}

/** Whoever saw the share under another regime must look again before setting it. */
function nextShareVersion(before: MappingRow | null, groupId: string | null): number {
  if (!before) return 1
  if (before.groupId === groupId) return before.shareVersion
  return Math.max(before.shareVersion, before.group?.shareVersion ?? 0) + 1
}

export function unknownGroup(id: string): Problem {
  const errors = [{ path: 'split.groupId', message: `There is no group ${id} in this environment` }]
  return new Problem('invalid_reference', { errors })
}
