import type { EnvironmentSettings, ServiceRow, ServiceSettings } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export async function listServices(db: Db, query: ListQuery): Promise<Page<ServiceRow>> {
  const rows = await db.service.findMany(pageArguments(query))
  return toPage(rows, query.limit, (row) => row.id)
}

export function findService(db: Db, id: string): Promise<ServiceRow | null> {
  return db.service.findUnique({ where: { id } })
}

/** Those of `ids` that exist in the environment. */
export async function knownServices(
  db: Db,
  environmentId: string,
  ids: readonly string[],
): Promise<Set<string>> {
  const rows = await db.service.findMany({
    where: { environmentId, id: { in: [...ids] } },
    select: { id: true },
  })
  return new Set(rows.map((row) => row.id))
}

export function insertService(
  db: Db,
  environmentId: string,
  name: string,
  spec: ServiceSettings,
): Promise<ServiceRow> {
  return db.service.create({ data: { environmentId, name, spec: json(spec) } })
}

export function updateService(
  db: Db,
  id: string,
  version: number,
  name: string,
  spec: ServiceSettings,
): Promise<ServiceRow> {
  return db.service.update({
    where: { id, version },
    data: { name, spec: json(spec), version: { increment: 1 } },
  })
}

export async function removeService(db: Db, id: string, version: number): Promise<void> {
  await db.service.delete({ where: { id, version } })
}

/** Mappings with the service on either side, and hosts (null: all) whose default it is. */
export async function usersOfService(db: Db, service: ServiceRow) {
  const mappings = await db.mapping.findMany({
    where: { OR: [{ legacyServiceId: service.id }, { newServiceId: service.id }] },
    select: { id: true, name: true },
    orderBy: { name: 'asc' },
  })
  const environment = await db.environment.findUniqueOrThrow({ where: { id: service.environmentId } })
  const { defaults } = environment.settings as unknown as EnvironmentSettings
  return {
    mappings,
    defaultOf: defaults.filter((one) => one.serviceId === service.id).map((one) => one.host),
  }
}

const json = (spec: ServiceSettings) => spec as unknown as Prisma.InputJsonObject
