import { Problem } from '@crossfade/contracts/problems'
import type { Group, Mapping, Overlay, Snapshot } from '@crossfade/core/model'

/** Each a name or an id; `names` may be of either kind. */
export interface EmergencyRequest {
  readonly mappings: readonly string[]
  readonly groups: readonly string[]
  readonly names: readonly string[]
  readonly all: boolean
}

export interface EmergencyTargets {
  readonly mappings: readonly Mapping[]
  readonly groups: readonly Group[]
  /** Left alone by `all`: their data has moved (rule 20). */
  readonly skipped: readonly Mapping[]
}

/**
 * What a break-glass roll back names. A member stands for its group (rule 12). Unknown names are
 * `not_found`, a named mapping past its point of no return is `point_of_no_return`; nothing happens then.
 */
export function selectTargets(snapshot: Snapshot, request: EmergencyRequest): EmergencyTargets {
  if (request.all) {
    const free = snapshot.mappings.filter((mapping) => !mapping.pointOfNoReturn)
    return {
      mappings: free.filter((mapping) => !('groupId' in mapping.split)),
      groups: snapshot.groups,
      skipped: snapshot.mappings.filter((mapping) => mapping.pointOfNoReturn),
    }
  }
  const either = request.names.map((name) => {
    const mapping = pick(snapshot.mappings, name)
    return mapping ? { mapping } : { group: find('mapping or group', snapshot.groups, name) }
  })
  const named = [
    ...request.mappings.map((name) => find('mapping', snapshot.mappings, name)),
    ...either.flatMap(({ mapping }) => mapping ?? []),
  ]
  const final = named.find((mapping) => mapping.pointOfNoReturn)
  if (final) throw new Problem('point_of_no_return', { detail: `The data of ${final.name} has moved` })

  const ownGroups = named.flatMap(({ split }) => ('groupId' in split ? [split.groupId] : []))
  const groups = [
    ...[...request.groups, ...ownGroups].map((name) => find('group', snapshot.groups, name)),
    ...either.flatMap(({ group }) => group ?? []),
  ]
  return {
    mappings: unique(named.filter(({ split }) => !('groupId' in split))),
    groups: unique(groups),
    skipped: [],
  }
}

export function overlayOf(snapshot: Snapshot, targets: EmergencyTargets): Overlay {
  return {
    environmentId: snapshot.environment.id,
    epoch: snapshot.epoch,
    revision: snapshot.revision,
    mappingIds: targets.mappings.map(({ id }) => id),
    groupIds: targets.groups.map(({ id }) => id),
  }
}

interface Named {
  readonly id: string
  readonly name: string
}

function pick<T extends Named>(all: readonly T[], name: string): T | undefined {
  return all.find((one) => one.id === name) ?? all.find((one) => one.name === name)
}

function find<T extends Named>(kind: string, all: readonly T[], name: string): T {
  const found = pick(all, name)
  if (!found) throw new Problem('not_found', { detail: `This agent serves no ${kind} called ${name}` })
  return found
}

function unique<T extends Named>(items: readonly T[]): T[] {
  return [...new Map(items.map((item) => [item.id, item])).values()]
}
