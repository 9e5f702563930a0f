import type { Change } from '@crossfade/contracts/api/changes'
import type { Cohort } from '@crossfade/contracts/api/cohorts'
import type { SplitView } from '@crossfade/contracts/api/common'
import type { EnvironmentView } from '@crossfade/contracts/api/environments'
import type { GroupView } from '@crossfade/contracts/api/groups'
import type { MappingView } from '@crossfade/contracts/api/mappings'
import type { SegmentView } from '@crossfade/contracts/api/segments'
import type { ServiceView } from '@crossfade/contracts/api/services'
import { percentOfShare } from '@crossfade/contracts/percent'
import type { Split } from '@crossfade/core/model'
import type { LastChange } from '../store/changes.ts'
import type { CohortRowWithUsers } from '../store/cohorts.ts'
import {
  effectiveSplitOf,
  environmentOf,
  groupOf,
  mappingOf,
  segmentOf,
  serviceOf,
  type ChangeRow,
  type EnvironmentRow,
  type GroupRowWithMembers,
  type MappingRow,
  type SegmentRow,
  type ServiceRow,
} from '../store/entities.ts'
import { ownCopy } from './own-copy.ts'

/** How rows look in the API and in the audit trail. */

export function environmentView(row: EnvironmentRow): EnvironmentView {
  const { version, epoch, revision } = row
  return { ...ownCopy(environmentOf(row)), version, epoch, revision, ...times(row) }
}

export function serviceView(row: ServiceRow): ServiceView {
  return { ...ownCopy(serviceOf(row)), ...stored(row) }
}

export function segmentView(row: SegmentRow): SegmentView {
  return { ...ownCopy(segmentOf(row)), ...stored(row) }
}

export function cohortView(row: CohortRowWithUsers): Cohort {
  const { id, environmentId, name, salt } = row
  return {
    id,
    environmentId,
    name,
    salt,
    usedBy: [
      ...row.groups.map((group) => ({ kind: 'group' as const, ...group })),
      ...row.mappings.map((mapping) => ({ kind: 'mapping' as const, ...mapping })),
    ],
  }
}

export function groupView(row: GroupRowWithMembers): GroupView {
  const { name, description, shareVersion, members } = row
  const split = splitView(groupOf(row).split, row.cohort)
  return { ...stored(row), shareVersion, name, description, split, members }
}

/** `last` is left out in the audit trail, which it comes from. */
export function mappingView(row: MappingRow, last: Omit<LastChange, 'objectId'> | null = null): MappingView {
  const { match, legacy, new: next, segments, writes, policy } = ownCopy(mappingOf(row))
  const { owner, description, group } = row
  const split = splitView(effectiveSplitOf(row), group?.cohort ?? row.cohort)
  return {
    ...stored(row),
    shareVersion: group?.shareVersion ?? row.shareVersion,
    name: row.name,
    owner,
    description,
    match,
    legacy,
    new: next,
    split: group
      ? { kind: 'group', ...split, groupId: group.id, groupName: group.name }
      : { kind: 'own', ...split },
    segments,
    writes,
    pointOfNoReturn: row.pointOfNoReturn,
    originalUriOnAnswers: row.originalUriOnAnswers,
    policy,
    lastChange: last && { seq: last.seq, at: last.at.toISOString(), actor: last.actor, act: last.act },
  }
}

export function changeView(row: ChangeRow): Change {
  return {
    seq: Number(row.seq),
    at: row.at.toISOString(),
    environmentId: row.environmentId,
    actor: { kind: row.actorKind as Change['actor']['kind'], id: row.actorId, name: row.actorName },
    act: row.act,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    before: row.before,
    after: row.after,
    reason: row.reason,
    source: row.source as Change['source'],
    requestId: row.requestId,
    revision: row.revision,
  }
}

function splitView(split: Split, cohort: { id: string; name: string } | null): SplitView {
  if (!cohort) throw new Error('A split without a cohort')
  return {
    percent: percentOfShare(split.share),
    cohort: { id: cohort.id, name: cohort.name },
    identity: split.identity,
    missing: split.missing,
  }
}

interface StoredRow {
  readonly id: string
  readonly environmentId: string
  readonly version: number
  readonly createdAt: Date
  readonly updatedAt: Date
}

function stored(row: StoredRow) {
  const { id, environmentId, version } = row
  return { id, environmentId, version, ...times(row) }
}

function times(row: Pick<StoredRow, 'createdAt' | 'updatedAt'>) {
  return { createdAt: row.createdAt.toISOString(), updatedAt: row.updatedAt.toISOString() }
}
