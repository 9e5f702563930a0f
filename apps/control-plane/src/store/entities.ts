import { defaultAuth } from '@crossfade/core/auth/auth'
import type {
  Environment,
  Group,
  Identity,
  Mapping,
  Match,
  Missing,
  Policy,
  Segment,
  Service,
  Side,
  Split,
  Target,
  Writes,
} from '@crossfade/core/model'
import { defaultPolicy, serviceDefaults } from '@crossfade/core/policy/defaults'
import type { Prisma } from './generated/client.ts'

/**
 * How rows become core's nouns. JSON columns were checked on their way in and are trusted here; those written
 * before a field existed have its default.
 */

/** What of a mapping's surroundings its noun and its view need. */
export const mappingInclude = {
  cohort: true,
  group: { include: { cohort: true } },
} as const satisfies Prisma.MappingInclude
export const groupInclude = {
  cohort: true,
  members: { select: { id: true, name: true }, orderBy: { name: 'asc' } },
} as const satisfies Prisma.GroupInclude

export type EnvironmentRow = Prisma.EnvironmentGetPayload<object>
export type ServiceRow = Prisma.ServiceGetPayload<object>
export type CohortRow = Prisma.CohortGetPayload<object>
export type SegmentRow = Prisma.SegmentGetPayload<object>
export type ChangeRow = Prisma.ChangeGetPayload<object>
export type GroupRow = Prisma.GroupGetPayload<{ include: { cohort: true } }>
export type GroupRowWithMembers = Prisma.GroupGetPayload<{ include: typeof groupInclude }>
export type MappingRow = Prisma.MappingGetPayload<{ include: typeof mappingInclude }>

export type EnvironmentSettings = Omit<Environment, 'id' | 'name'>
export type ServiceSettings = Omit<Service, 'id' | 'name'>

export function environmentOf(row: EnvironmentRow): Environment {
  const settings = row.settings as unknown as EnvironmentSettings & {
    auth?: Partial<EnvironmentSettings['auth']>
  }
  return {
    id: row.id,
    name: row.name,
    ...settings,
    clientDimension: settings.clientDimension ?? null,
    auth: { ...defaultAuth, ...settings.auth },
  }
}

export function serviceOf(row: ServiceRow): Service {
  const spec = row.spec as unknown as ServiceSettings
  const pool = { ...serviceDefaults.pool, ...spec.pool }
  const tls = { ...serviceDefaults.tls, ...spec.tls }
  return { id: row.id, name: row.name, ...serviceDefaults, ...spec, pool, tls }
}

export function segmentOf(row: SegmentRow): Segment {
  return {
    id: row.id,
    name: row.name,
    side: row.side as Side,
    conditions: row.conditions as unknown as Segment['conditions'],
  }
}

export function groupOf(row: GroupRow): Group {
  return { id: row.id, name: row.name, split: splitOf(row, row.cohort) }
}

export function mappingOf(row: MappingRow): Mapping {
  return {
    id: row.id,
    name: row.name,
    match: row.match as unknown as Match,
    legacy: { serviceId: row.legacyServiceId, ...(row.legacyTarget as unknown as Omit<Target, 'serviceId'>) },
    new: { serviceId: row.newServiceId, ...(row.newTarget as unknown as Omit<Target, 'serviceId'>) },
    split: row.groupId === null ? ownSplitOf(row) : { groupId: row.groupId },
    segments: row.segments,
    writes: row.writes as unknown as Writes,
    pointOfNoReturn: row.pointOfNoReturn,
    originalUriOnAnswers: row.originalUriOnAnswers,
    policy: { ...defaultPolicy, ...(row.policy as unknown as Partial<Policy>) },
  }
}

/** The split a mapping follows: its own or its group's. */
export function effectiveSplitOf(row: MappingRow): Split {
  return row.group ? splitOf(row.group, row.group.cohort) : ownSplitOf(row)
}

function ownSplitOf(row: MappingRow): Split {
  const { cohort, identity, missing } = row
  if (!cohort || identity === null || missing === null) {
    throw new Error(`The mapping ${row.id} has neither a group nor a split of its own`)
  }
  return splitOf({ share: row.share, identity, missing }, cohort)
}

function splitOf(
  row: { readonly share: number; readonly identity: Prisma.JsonValue; readonly missing: string },
  cohort: { readonly salt: string },
): Split {
  return {
    share: row.share,
    cohort: cohort.salt,
    identity: row.identity as unknown as Identity,
    missing: row.missing as Missing,
  }
}
