import type { Freeze, FreezeWindow, Protection, StoppedLine } from '@crossfade/core/governance/model'
import { defaultProtection } from '@crossfade/core/governance/protection'
import { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export type FreezeRow = Prisma.FreezeGetPayload<object>

export interface Governance {
  readonly environmentId: string
  readonly name: string
  /** Of protection and line. */
  readonly version: number
  readonly protection: Protection
  readonly stopped: StoppedLine | null
  readonly freezes: readonly Freeze[]
}

/** Everything that may stand in the way of raises; null when there is no such environment. */
export async function findGovernance(db: Db, environmentId: string): Promise<Governance | null> {
  const row = await db.environment.findUnique({
    where: { id: environmentId },
    select: { name: true, governance: true, protection: true, stoppedLine: true, freezes: true },
  })
  if (row === null) return null
  return {
    environmentId,
    name: row.name,
    version: row.governance,
    protection: { ...defaultProtection, ...(row.protection as unknown as Partial<Protection> | null) },
    stopped: row.stoppedLine as unknown as StoppedLine | null,
    freezes: row.freezes.map(freezeOf),
  }
}

export async function saveProtection(
  db: Db,
  { environmentId, version }: Governance,
  protection: Protection,
): Promise<void> {
  await db.environment.update({
    where: { id: environmentId, governance: version },
    data: { protection: { ...protection }, governance: { increment: 1 } },
  })
}

export async function saveLine(db: Db, environmentId: string, stopped: StoppedLine | null): Promise<void> {
  await db.environment.update({
    where: { id: environmentId },
    data: { stoppedLine: stopped === null ? Prisma.DbNull : { ...stopped }, governance: { increment: 1 } },
  })
}

export function freezeOf({ name, window }: FreezeRow): Freeze {
  return { name, window: window as unknown as FreezeWindow }
}

export async function listFreezes(db: Db, query: ListQuery): Promise<Page<FreezeRow>> {
  const rows = await db.freeze.findMany(pageArguments(query))
  return toPage(rows, query.limit, (row) => row.id)
}

export function findFreeze(db: Db, id: string): Promise<FreezeRow | null> {
  return db.freeze.findUnique({ where: { id } })
}

interface FreezeColumns extends Freeze {
  readonly reason: string
}

export function insertFreeze(db: Db, environmentId: string, { name, reason, window }: FreezeColumns) {
  return db.freeze.create({ data: { environmentId, name, reason, window: json(window) } })
}

export function updateFreeze(db: Db, id: string, version: number, { name, reason, window }: FreezeColumns) {
  const data = { name, reason, window: json(window), version: { increment: 1 } }
  return db.freeze.update({ where: { id, version }, data })
}

export async function removeFreeze(db: Db, id: string, version: number): Promise<void> {
  await db.freeze.delete({ where: { id, version } })
}

function json(window: FreezeWindow): Prisma.InputJsonObject {
  return window
}
