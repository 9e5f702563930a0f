import type { Identity, Mapping, Match, Missing, Policy, Share, Target, Writes } from '@crossfade/core/model'
import { mappingInclude, type MappingRow } from './entities.ts'
import { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

/** How a mapping divides traffic, as its columns: by itself, or with its group. */
export type SplitColumns =
  | {
      readonly kind: 'own'
      readonly cohortId: string
      readonly identity: Identity
      readonly missing: Missing
    }
  | { readonly kind: 'group'; readonly groupId: string }

/** A mapping without its share. */
export interface MappingColumns {
  readonly name: string
  readonly owner: string
  readonly description: string
  readonly match: Match
  readonly matchKey: string
  readonly legacy: Target
  readonly new: Target
  readonly split: SplitColumns
  readonly segments: readonly string[]
  readonly writes: Writes
  readonly originalUriOnAnswers: boolean
  readonly policy: Policy
}

export async function listMappings(db: Db, query: ListQuery): Promise<Page<MappingRow>> {
  const rows = await db.mapping.findMany({ ...pageArguments(query), include: mappingInclude })
  return toPage(rows, query.limit, (row) => row.id)
}

/** Those whose own check may name issuers. */
export async function checkedMappings(
  db: Db,
  environmentId: string,
): Promise<Pick<Mapping, 'id' | 'name' | 'policy'>[]> {
  const rows = await db.mapping.findMany({
    where: { environmentId, policy: { path: ['auth', 'anyOf'], not: Prisma.AnyNull } },
    select: { id: true, name: true, policy: true },
    orderBy: { id: 'asc' },
  })
  return rows.map((row) => ({ ...row, policy: row.policy as unknown as Policy }))
}

export function findMapping(db: Db, id: string): Promise<MappingRow | null> {
  return db.mapping.findUnique({ where: { id }, include: mappingInclude })
}

export function findMappings(db: Db, ids: readonly string[]): Promise<MappingRow[]> {
  return db.mapping.findMany({
    where: { id: { in: [...ids] } },
    include: mappingInclude,
    orderBy: { id: 'asc' },
  })
}

/** Other mappings of the environment with the same host and path, whatever their methods. */
export async function sameHostAndPath(
  db: Db,
  environmentId: string,
  matchKey: string,
  exceptId: string | null,
): Promise<{ id: string; name: string; match: Match }[]> {
  const rows = await db.mapping.findMany({
    where: { environmentId, matchKey, ...(exceptId !== null && { id: { not: exceptId } }) },
    select: { id: true, name: true, match: true },
    orderBy: { id: 'asc' },
  })
  return rows.map((row) => ({ ...row, match: row.match as unknown as Match }))
}

export function insertMapping(db: Db, environmentId: string, mapping: MappingColumns): Promise<MappingRow> {
  return db.mapping.create({ data: { environmentId, ...columns(mapping) }, include: mappingInclude })
}

/** `split` also says the share and its version, because leaving a group brings the group's along. */
export function updateMapping(
  db: Db,
  id: string,
  version: number,
  mapping: MappingColumns,
  share: { readonly share: Share; readonly shareVersion: number },
): Promise<MappingRow> {
  return db.mapping.update({
    where: { id, version },
    data: { ...columns(mapping), ...share, version: { increment: 1 } },
    include: mappingInclude,
  })
}

/** Compare-and-set on the share's own version. */
export function setMappingShare(db: Db, id: string, shareVersion: number, share: Share): Promise<MappingRow> {
  return db.mapping.update({
    where: { id, shareVersion },
    data: { share, shareVersion: { increment: 1 } },
    include: mappingInclude,
  })
}

export async function removeMapping(db: Db, id: string, version: number): Promise<void> {
  await db.mapping.delete({ where: { id, version } })
}

function columns(mapping: MappingColumns) {
  const { match, legacy, new: next, split, segments, writes, policy, ...rest } = mapping
  const own = split.kind === 'own' ? split : null
  return {
    ...rest,
    match: json(match),
    legacyServiceId: legacy.serviceId,
    newServiceId: next.serviceId,
    legacyTarget: json({ rewrite: legacy.rewrite, host: legacy.host }),
    newTarget: json({ rewrite: next.rewrite, host: next.host }),
    groupId: split.kind === 'group' ? split.groupId : null,
    cohortId: own?.cohortId ?? null,
    identity: own ? json(own.identity) : Prisma.DbNull,
    missing: own?.missing ?? null,
    segments: [...segments],
    writes: json(writes),
    policy: json(policy),
  }
}

const json = (value: object) => value as unknown as Prisma.InputJsonObject

/** A new version of each of them. */
export async function setPointOfNoReturn(db: Db, ids: readonly string[], isGone: boolean): Promise<void> {
  await db.mapping.updateMany({
    where: { id: { in: [...ids] } },
    data: { pointOfNoReturn: isGone, version: { increment: 1 } },
  })
}
