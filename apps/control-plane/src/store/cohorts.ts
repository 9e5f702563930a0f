import type { CohortRow } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { literally } from './like.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

const users = {
  mappings: { select: { id: true, name: true }, orderBy: { name: 'asc' } },
  groups: { select: { id: true, name: true }, orderBy: { name: 'asc' } },
} as const satisfies Prisma.CohortInclude
export type CohortRowWithUsers = Prisma.CohortGetPayload<{ include: typeof users }>

export async function listCohorts(db: Db, query: ListQuery): Promise<Page<CohortRowWithUsers>> {
  const rows = await db.cohort.findMany({ ...pageArguments(query), include: users })
  return toPage(rows, query.limit, (row) => row.id)
}

export function findCohort(db: Db, id: string): Promise<CohortRowWithUsers | null> {
  return db.cohort.findUnique({ where: { id }, include: users })
}

export function findCohortIn(db: Db, environmentId: string, id: string): Promise<CohortRow | null> {
  return db.cohort.findFirst({ where: { environmentId, id } })
}

/** As long as names may be, in UTF-16 units. */
const longestName = 80

/** Under the name, or the name with the first free number when it is taken. */
export async function insertCohort(
  db: Db,
  environmentId: string,
  name: string,
  salt: string,
): Promise<CohortRow> {
  const rows = await db.cohort.findMany({
    where: { environmentId, name: { startsWith: literally(shortened(name, longestName / 2)) } },
    select: { name: true },
  })
  const taken = new Set(rows.map((row) => row.name))
  let free = name
  for (let number = 2; taken.has(free); number++) {
    const suffix = ` ${number}`
    free = shortened(name, longestName - suffix.length) + suffix
  }
  return db.cohort.create({ data: { environmentId, name: free, salt } })
}

/** Never ends in half a surrogate pair. */
function shortened(name: string, length: number): string {
  return name.slice(0, length).replace(/[\ud800-\udbff]$/, '')
}
