import type { EnvironmentRollback } from '@crossfade/contracts/api/environments'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import { percentOfShare } from '@crossfade/contracts/percent'
import { Problem } from '@crossfade/contracts/problems'
import type { Group, Mapping, Snapshot, Split } from '@crossfade/core/model'
import type { Zeros } from './overlays.ts'

export type RollBackKind = 'mapping' | 'group' | 'environment'

/** One thing that goes to 0. */
export interface Lowered {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly shareBefore: number
  readonly mappingIds: readonly string[]
}

/** What a roll back does, as far as the snapshot in memory knows. */
export interface RollBackPlan {
  readonly lowered: readonly Lowered[]
  readonly skipped: EnvironmentRollback['skipped']
}

/** Null when the snapshot does not know the thing; throws `point_of_no_return` where rule 20 forbids it. */
export function planRollBack(snapshot: Snapshot, kind: RollBackKind, id: string): RollBackPlan | null {
  if (kind === 'environment') return snapshot.environment.id === id ? planEnvironment(snapshot) : null
  if (kind === 'group') {
    const group = snapshot.groups.find((one) => one.id === id)
    return group ? planGroup(snapshot, group) : null
  }
  const mapping = snapshot.mappings.find((one) => one.id === id)
  if (!mapping) return null
  if (mapping.pointOfNoReturn) throw new Problem('point_of_no_return')
  if ('share' in mapping.split) return { lowered: [loweredMapping(mapping, mapping.split)], skipped: [] }
  const { groupId } = mapping.split
  const group = snapshot.groups.find((one) => one.id === groupId)
  return group ? planGroup(snapshot, group) : null
}

export function zerosOfPlan({ lowered }: RollBackPlan): Zeros {
  const ids = (kind: Lowered['kind']) => lowered.filter((one) => one.kind === kind).map(({ id }) => id)
  return { mappingIds: ids('mapping'), groupIds: ids('group') }
}

/** The answer while the database is away: what agents were told. The versions are the database's to give. */
export function unrecordedShare(lowered: Lowered, revision: number): ShareResult {
  return {
    kind: lowered.kind,
    id: lowered.id,
    name: lowered.name,
    percent: 0,
    percentBefore: percentOfShare(lowered.shareBefore),
    shareVersion: 0,
    revision,
    changed: lowered.shareBefore > 0,
    mappingIds: [...lowered.mappingIds],
    recorded: false,
  }
}

export function unrecordedEnvironment(plan: RollBackPlan, revision: number): EnvironmentRollback {
  return {
    revision,
    rolledBack: plan.lowered.map(({ kind, id, name, shareBefore }) => ({
      kind,
      id,
      name,
      percentBefore: percentOfShare(shareBefore),
    })),
    skipped: plan.skipped,
    recorded: false,
  }
}

/** A group goes back unless the data of all its members has moved. */
function planGroup(snapshot: Snapshot, group: Group): RollBackPlan {
  const members = membersOf(snapshot, group)
  if (isGone(members)) throw new Problem('point_of_no_return')
  return { lowered: [loweredGroup(group, members)], skipped: [] }
}

function planEnvironment(snapshot: Snapshot): RollBackPlan {
  const { mappings, groups } = snapshot
  const skipped = mappings
    .filter((mapping) => mapping.pointOfNoReturn)
    .map(({ id, name }) => ({ id, name, reason: 'Its data has moved (point of no return)' }))
  const lowered = [
    ...mappings.flatMap((mapping) =>
      'share' in mapping.split && mapping.split.share > 0 && !mapping.pointOfNoReturn
        ? loweredMapping(mapping, mapping.split)
        : [],
    ),
    ...groups
      .filter(({ split }) => split.share > 0)
      .map((group) => ({ group, members: membersOf(snapshot, group) }))
      .filter(({ members }) => !isGone(members))
      .map(({ group, members }) => loweredGroup(group, members)),
  ]
  return { lowered, skipped }
}

function isGone(members: readonly Mapping[]): boolean {
  return members.length > 0 && members.every((member) => member.pointOfNoReturn)
}

function membersOf(snapshot: Snapshot, group: Group): Mapping[] {
  return snapshot.mappings.filter(({ split }) => 'groupId' in split && split.groupId === group.id)
}

function loweredMapping({ id, name }: Mapping, { share }: Split): Lowered {
  return { kind: 'mapping', id, name, shareBefore: share, mappingIds: [id] }
}

function loweredGroup({ id, name, split }: Group, members: readonly Mapping[]): Lowered {
  return { kind: 'group', id, name, shareBefore: split.share, mappingIds: members.map((one) => one.id) }
}
