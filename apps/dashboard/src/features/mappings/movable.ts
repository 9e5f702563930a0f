import type { GroupView } from '@crossfade/contracts/api/groups'
import type { MappingView, ShareResult } from '@crossfade/contracts/api/mappings'
import type { QueryClient } from '@tanstack/react-query'
import { groupQuery, mappingQuery } from '../../shared/queries.ts'
import type { RampTarget } from '../ramps/ramp-queries.ts'
import { writingMethods } from './draft-words.ts'

/** Something with a share to move: a mapping with one of its own, or a group with all its members. */
export interface Movable {
  readonly kind: 'mapping' | 'group'
  /** Of whoever owns the share; a member's is its group's. */
  readonly id: string
  readonly name: string
  readonly percent: number
  readonly shareVersion: number
  readonly identity: MappingView['split']['identity']
  /** Set on the page of a member: moving it moves more than what is on screen. */
  readonly isThroughMember: boolean
  /** What is measured together. */
  readonly mappingIds: readonly string[]
  readonly paths: { readonly share: string; readonly rollBack: string }
  /** Methods whose writes follow the share; to be said at the first raise. */
  readonly writes: readonly string[]
  readonly pointOfNoReturn: boolean
  /** Puts an accepted share where the page reads it from. */
  readonly remember: (client: QueryClient, result: ShareResult) => void
}

export function movableMapping(mapping: MappingView): Movable {
  const { split, shareVersion, pointOfNoReturn } = mapping
  const owner =
    split.kind === 'group'
      ? ({ kind: 'group', id: split.groupId, name: split.groupName } as const)
      : ({ kind: 'mapping', id: mapping.id, name: mapping.name } as const)
  return {
    ...owner,
    percent: split.percent,
    shareVersion,
    identity: split.identity,
    isThroughMember: split.kind === 'group',
    mappingIds: [mapping.id],
    paths: { share: `/${owner.kind}s/${owner.id}/share`, rollBack: `/mappings/${mapping.id}/rollback` },
    writes: writesOf(mapping),
    pointOfNoReturn,
    remember: (client, result) =>
      client.setQueryData(mappingQuery(mapping.id).queryKey, (known) => known && withShare(known, result)),
  }
}

/** `members`: those that are loaded; what is not known of them is not said. */
export function movableGroup(group: GroupView, members: readonly MappingView[]): Movable {
  return {
    kind: 'group',
    id: group.id,
    name: group.name,
    percent: group.split.percent,
    shareVersion: group.shareVersion,
    identity: group.split.identity,
    isThroughMember: false,
    mappingIds: group.members.map(({ id }) => id),
    paths: { share: `/groups/${group.id}/share`, rollBack: `/groups/${group.id}/rollback` },
    writes: [...new Set(members.flatMap(writesOf))],
    pointOfNoReturn: members.length > 0 && members.every((member) => member.pointOfNoReturn),
    remember: (client, result) =>
      client.setQueryData(groupQuery(group.id).queryKey, (known) => known && withShare(known, result)),
  }
}

/** Whose ramp moves it. */
export function targetOf({ kind, id, name }: Movable): RampTarget {
  return { kind, id, name }
}

function writesOf({ match, writes }: MappingView): readonly string[] {
  return writes.kind === 'with-share' ? writingMethods(match) : []
}

function withShare<Known extends MappingView | GroupView>(known: Known, result: ShareResult): Known {
  if (result.shareVersion < known.shareVersion) return known
  return {
    ...known,
    shareVersion: result.shareVersion,
    split: { ...known.split, percent: result.percent },
  }
}
