import type { ApprovalChange, ApprovalView } from '@crossfade/contracts/api/approvals'
import type { Change } from '@crossfade/contracts/api/changes'
import type { Prisma } from './generated/client.ts'
import { pageArguments, toPage, type ListQuery, type Page } from './page.ts'
import type { Db } from './store.ts'

export type ApprovalRow = Prisma.ApprovalGetPayload<object>
export type Vote = ApprovalView['votes'][number]

/** Everything of a request that editing replaces. */
export interface ApprovalColumns {
  readonly change: ApprovalChange
  readonly title: string
  readonly object: { readonly kind: string; readonly id: string; readonly name: string }
  readonly before: unknown
  readonly after: unknown
  readonly moves: ApprovalView['moves']
  readonly needs: string
  readonly reason: string
  readonly quorum: number
  readonly selfApproval: boolean
  readonly expiresAt: Date
}

export interface ApprovalsFilter extends ListQuery {
  readonly status?: ApprovalView['status'] | 'open' | undefined
  readonly objectId?: string | undefined
  /** Requests that wait expire at a time, without anybody writing it down. */
  readonly now: Date
}

export async function listApprovals(db: Db, filter: ApprovalsFilter): Promise<Page<ApprovalRow>> {
  const { where, ...rest } = pageArguments(filter)
  const about = filter.objectId !== undefined && { objectId: filter.objectId }
  const rows = await db.approval.findMany({
    ...rest,
    where: { AND: [where, { ...about }, inStatus(filter.status, filter.now)] },
  })
  return toPage(rows, filter.limit, (row) => row.id)
}

export function findApproval(db: Db, id: string): Promise<ApprovalRow | null> {
  return db.approval.findUnique({ where: { id } })
}

export function insertApproval(
  db: Db,
  environmentId: string,
  requestedBy: Change['actor'],
  columns: ApprovalColumns,
): Promise<ApprovalRow> {
  const { kind, id, name } = requestedBy
  const by = { requestedByKind: kind, requestedById: id, requestedByName: name }
  return db.approval.create({ data: { environmentId, ...by, ...columnsOf(columns), status: 'pending' } })
}

/** A new version, on which nobody has voted yet. */
export function rewriteApproval(db: Db, id: string, version: number, columns: ApprovalColumns) {
  const data = { ...columnsOf(columns), votes: [], version: { increment: 1 } }
  return db.approval.update({ where: { id, version }, data })
}

/** From one status to another, or nowhere: false when somebody else was first. */
export async function moveApproval(
  db: Db,
  id: string,
  from: ApprovalView['status'],
  to: {
    readonly status?: ApprovalView['status']
    readonly statusReason?: string | null
    readonly votes?: readonly Vote[]
  },
): Promise<boolean> {
  const { votes, ...rest } = to
  const data = { ...rest, ...(votes && { votes: votes.map((vote) => ({ ...vote })) }) }
  return (await db.approval.updateMany({ where: { id, status: from }, data })).count === 1
}

function columnsOf({ object, change, before, after, moves, ...same }: ApprovalColumns) {
  return {
    ...same,
    objectKind: object.kind,
    objectId: object.id,
    objectName: object.name,
    change: change as Prisma.InputJsonValue,
    before: before as Prisma.InputJsonValue,
    after: after as Prisma.InputJsonValue,
    moves: moves as Prisma.InputJsonValue,
  }
}

function inStatus(status: ApprovalsFilter['status'], now: Date): Prisma.ApprovalWhereInput {
  const waits = { status: 'pending', expiresAt: { gt: now } }
  if (status === undefined) return {}
  if (status === 'pending') return waits
  if (status === 'open') return { OR: [waits, { status: 'approved' }] }
  if (status === 'expired') return { status: 'pending', expiresAt: { lte: now } }
  return { status }
}
