import type { EnvironmentRow, EnvironmentSettings } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { toPage, within, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export async function listEnvironments(db: Db, query: ListQuery): Promise<Page<EnvironmentRow>> {
  const rows = await db.environment.findMany({
    where: {
      AND: [
        { id: within(query.among) ?? {} },
        query.cursor === undefined ? {} : { id: { gt: query.cursor } },
      ],
    },
    orderBy: { id: 'asc' },
    take: query.limit + 1,
  })
  return toPage(rows, query.limit, (row) => row.id)
}

export function findEnvironment(db: Db, id: string): Promise<EnvironmentRow | null> {
  return db.environment.findUnique({ where: { id } })
}

/** Starts at revision 0: the transaction that makes it revises it to 1. */
export function insertEnvironment(
  db: Db,
  row: { readonly id: string; readonly name: string; readonly epoch: string },
  settings: EnvironmentSettings,
): Promise<EnvironmentRow> {
  return db.environment.create({ data: { ...row, revision: 0, settings: json(settings) } })
}

export function updateEnvironment(
  db: Db,
  id: string,
  version: number,
  name: string,
  settings: EnvironmentSettings,
): Promise<EnvironmentRow> {
  return db.environment.update({
    where: { id, version },
    data: { name, settings: json(settings), version: { increment: 1 } },
  })
}

/** Removes it with what nobody can use any more; other things in it are in the way. */
export async function removeEnvironment(db: Db, id: string, version: number, at: Date): Promise<void> {
  const where = { environmentId: id }
  await db.cohort.deleteMany({ where })
  await db.agent.deleteMany({ where })
  await db.agentToken.updateMany({ where: { ...where, revokedAt: null }, data: { revokedAt: at } })
  await db.environment.delete({ where: { id, version } })
}

export function countEnvironments(db: Db): Promise<number> {
  return db.environment.count()
}

/** What stands in the way of removing an environment. */
export async function contentsOf(db: Db, id: string) {
  const where = { environmentId: id }
  const [mappings, groups, services, segments, agents] = [
    await db.mapping.findMany({ where, select: { id: true, name: true }, take: 20 }),
    await db.group.count({ where }),
    await db.service.count({ where }),
    await db.segment.count({ where }),
    await db.agent.count({ where: { ...where, retiredAt: null } }),
  ]
  return { mappings, groups, services, segments, agents }
}

/** Counts deleted mappings, which explains a shrunken snapshot to agents (rule 25). */
export async function countDeletedMapping(db: Db, id: string): Promise<void> {
  await db.environment.update({ where: { id }, data: { mappingsDeleted: { increment: 1 } } })
}

export async function revisionOf(db: Db, id: string): Promise<number> {
  const row = await db.environment.findUniqueOrThrow({ where: { id }, select: { revision: true } })
  return row.revision
}

const json = (settings: EnvironmentSettings) => settings as unknown as Prisma.InputJsonObject
