import type { Identity, Missing, Share } from '@crossfade/core/model'
import { groupInclude, type GroupRowWithMembers } from './entities.ts'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export interface GroupColumns {
  readonly name: string
  readonly description: string
  readonly cohortId: string
  readonly identity: Identity
  readonly missing: Missing
}

export async function listGroups(db: Db, query: ListQuery): Promise<Page<GroupRowWithMembers>> {
  const rows = await db.group.findMany({ ...pageArguments(query), include: groupInclude })
  return toPage(rows, query.limit, (row) => row.id)
}

export function findGroup(db: Db, id: string): Promise<GroupRowWithMembers | null> {
  return db.group.findUnique({ where: { id }, include: groupInclude })
}

export function insertGroup(
  db: Db,
  environmentId: string,
  group: GroupColumns,
): Promise<GroupRowWithMembers> {
  return db.group.create({ data: { environmentId, ...columns(group) }, include: groupInclude })
}

export function updateGroup(
  db: Db,
  id: string,
  version: number,
  group: GroupColumns,
): Promise<GroupRowWithMembers> {
  return db.group.update({
    where: { id, version },
    data: { ...columns(group), version: { increment: 1 } },
    include: groupInclude,
  })
}

/** Compare-and-set on the share's own version. */
export function setGroupShare(
  db: Db,
  id: string,
  shareVersion: number,
  share: Share,
): Promise<GroupRowWithMembers> {
  return db.group.update({
    where: { id, shareVersion },
    data: { share, shareVersion: { increment: 1 } },
    include: groupInclude,
  })
}

export async function removeGroup(db: Db, id: string, version: number): Promise<void> {
  await db.group.delete({ where: { id, version } })
}

function columns(group: GroupColumns) {
  return { ...group, identity: group.identity as unknown as Prisma.InputJsonObject }
}

/** For what changes in its members all at once. */
export async function bumpGroup(db: Db, id: string, version: number): Promise<void> {
  await db.group.update({ where: { id, version }, data: { version: { increment: 1 } } })
}
