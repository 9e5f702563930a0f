import type { Segment } from '@crossfade/core/model'
import type { EnvironmentSettings, SegmentRow } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

type SegmentSpec = Omit<Segment, 'id'>

export async function listSegments(db: Db, query: ListQuery): Promise<Page<SegmentRow>> {
  const rows = await db.segment.findMany(pageArguments(query))
  return toPage(rows, query.limit, (row) => row.id)
}

export function findSegment(db: Db, id: string): Promise<SegmentRow | null> {
  return db.segment.findUnique({ where: { id } })
}

/** Those of `ids` that exist in the environment. */
export async function knownSegments(
  db: Db,
  environmentId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await db.segment.findMany({
    where: { environmentId, id: { in: [...ids] } },
    select: { id: true },
  })
  return new Set(rows.map((row) => row.id))
}

export function insertSegment(db: Db, environmentId: string, spec: SegmentSpec): Promise<SegmentRow> {
  return db.segment.create({ data: { environmentId, ...columns(spec) } })
}

export function updateSegment(db: Db, id: string, version: number, spec: SegmentSpec): Promise<SegmentRow> {
  return db.segment.update({
    where: { id, version },
    data: { ...columns(spec), version: { increment: 1 } },
  })
}

export async function removeSegment(db: Db, id: string, version: number): Promise<void> {
  await db.segment.delete({ where: { id, version } })
}

/** Mappings that list the segment, and whether the environment's callers are chosen by it. */
export async function usersOfSegment(db: Db, segment: SegmentRow) {
  const mappings = await db.mapping.findMany({
    where: { environmentId: segment.environmentId, segments: { has: segment.id } },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  })
  const environment = await db.environment.findUniqueOrThrow({ where: { id: segment.environmentId } })
  const { callers } = environment.settings as unknown as EnvironmentSettings
  return { mappings, choosesCallers: callers.segmentId === segment.id }
}

function columns({ name, side, conditions }: SegmentSpec) {
  return { name, side, conditions: conditions as unknown as Prisma.InputJsonArray }
}
