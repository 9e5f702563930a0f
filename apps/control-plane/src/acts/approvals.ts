import type { z } from 'zod'
import type {
  approvalCreateSchema,
  approvalInputSchema,
  ApprovalChange,
  ApprovalView,
} from '@crossfade/contracts/api/approvals'
import { Problem } from '@crossfade/contracts/problems'
import { can, neededRole, type EnvironmentPermission } from '@crossfade/contracts/roles'
import {
  findApproval,
  insertApproval,
  listApprovals,
  moveApproval,
  rewriteApproval,
  type ApprovalColumns,
  type ApprovalRow,
  type ApprovalsFilter,
} from '../store/approvals.ts'
import type { Author, Granter } from '../store/author.ts'
import { findGovernance } from '../store/governance.ts'
import type { Page } from '../store/page.ts'
import { creatorOfToken } from '../store/people-tokens.ts'
import type { ChangeTx, Db, Store } from '../store/store.ts'
import type { ActParts, BaseActs } from './acts.ts'
import { describeChange, performChange, permissionOf } from './approval-changes.ts'
import { ownCopy } from './own-copy.ts'
import { found, refuseStale } from './refusals.ts'

export interface ApprovalActs {
  list(query: Omit<ApprovalsFilter, 'now'>): Promise<Page<ApprovalView>>
  get(id: string): Promise<ApprovalView>
  /** Whoever asks must be allowed to do it themselves, were it not protected. */
  request(author: Granter, input: z.output<typeof approvalCreateSchema>): Promise<ApprovalView>
  /** By whoever asked. What was voted on is not there any more, so the votes go. */
  edit(
    author: Granter,
    id: string,
    ifVersion: number,
    input: z.output<typeof approvalInputSchema>,
  ): Promise<ApprovalView>
  /** The last of enough votes applies the change; one against ends it. */
  vote(author: Author, id: string, ifVersion: number, verdict: Verdict, reason: string): Promise<ApprovalView>
  /** Tries again what people agreed on while something else was in the way. */
  apply(author: Author, id: string): Promise<ApprovalView>
  cancel(author: Author, id: string): Promise<ApprovalView>
}

type Verdict = 'approve' | 'decline'

/** `actsOn` makes the acts over another store: one whose changes first use the approval up, once. */
export function approvalActs(parts: ActParts, actsOn: (store: Store) => BaseActs): ApprovalActs {
  const { store, clock } = parts
  const acts = actsOn(store)
  const find = async (id: string) => found(await store.read((db) => findApproval(db, id)), 'approval')
  const get = async (id: string) => approvalView(await find(id), clock.now())

  /** Locked by the environment, and not over. */
  const whilePending = async (
    author: Author,
    id: string,
    act: (tx: ChangeTx, row: ApprovalRow) => Promise<void>,
  ): Promise<ApprovalRow> => {
    const { environmentId } = await find(id)
    await store.change(author, environmentId, async (tx) => {
      const row = found(await findApproval(tx.db, id), 'approval')
      if (statusAt(row, tx.now) !== 'pending') throw isOver(row, tx.now)
      await act(tx, row)
    })
    return await find(id)
  }

  // Before its transaction: previews read by themselves, and its versions are compared again when it is applied.
  const columns = (change: ApprovalChange, environmentId: string, reason: string) =>
    store.read((db) => columnsIn(db, change, environmentId, reason))
  const columnsIn = async (db: Db, change: ApprovalChange, environmentId: string, reason: string) => {
    const { environmentId: isIn, ...described } = await describeChange(db, acts, change, clock.now())
    if (isIn !== environmentId) throw new Problem('not_found', { detail: 'There is no such thing here' })
    const { protection } = found(await findGovernance(db, environmentId), 'environment')
    const { quorum, selfApproval, expiresMs } = protection
    const expiresAt = new Date(clock.now() + expiresMs)
    return { ...described, change, reason, quorum, selfApproval, expiresAt } satisfies ApprovalColumns
  }

  const apply = async (author: Author, row: ApprovalRow): Promise<void> => {
    const change = changeOf(row)
    const requester = { actor: requestedBy(row), source: author.source, requestId: author.requestId }
    const using = usingUp(store, row)
    try {
      await performChange(
        actsOn(using),
        change.act === 'ramp-stage' ? author : requester,
        change,
        reasonOf(row),
      )
    } catch (error) {
      if (!(error instanceof Problem) || error.status >= 500 || error.code === 'approval_over') throw error
      const isTemporary = error.code === 'freeze' || error.code === 'stop_the_line'
      const status = isTemporary ? 'approved' : 'failed'
      await store.change(requester, row.environmentId, async (tx) => {
        if (!(await moveApproval(tx.db, row.id, 'approved', { status, statusReason: error.message }))) return
        if (isTemporary) return
        tx.record({ ...draftOf(row, 'fail'), after: { status, because: error.message } })
      })
    }
  }

  return {
    get,

    async list(query) {
      const page = await store.read((db) => listApprovals(db, { ...query, now: new Date(clock.now()) }))
      return { ...page, items: page.items.map((row) => approvalView(row, clock.now())) }
    },

    async request(author, { environmentId, change: asked, reason }) {
      refuseForbidden(author, permissionOf(asked), environmentId)
      const input = await columns(asked, environmentId, reason)
      const { value } = await store.change(author, environmentId, async (tx) => {
        const row = await insertApproval(tx.db, environmentId, author.actor, input)
        tx.record({ ...draftOf(row, 'request'), after: auditedView(row) })
        return row
      })
      return approvalView(value, clock.now())
    },

    async edit(author, id, ifVersion, { change: asked, reason }) {
      const stored = await find(id)
      if (!isSame(requestedBy(stored), author.actor)) {
        throw new Problem('forbidden', { detail: `Only ${stored.requestedByName} can change this request` })
      }
      refuseForbidden(author, permissionOf(asked), stored.environmentId)
      const input = await columns(asked, stored.environmentId, reason)
      const row = await whilePending(author, id, async (tx, before) => {
        await refuseStale(tx.db, before, ifVersion)
        const after = await rewriteApproval(tx.db, id, ifVersion, input)
        const views = { before: auditedView(before), after: auditedView(after) }
        tx.record({ ...draftOf(after, 'edit'), ...views })
      })
      return approvalView(row, clock.now())
    },

    async vote(author, id, ifVersion, verdict, reason) {
      if (author.actor.kind !== 'user') {
        throw new Problem('forbidden', { detail: 'People vote: a token may ask, and not answer' })
      }
      const row = await whilePending(author, id, async (tx, before) => {
        await refuseStale(tx.db, before, ifVersion)
        const votes = votesOf(before)
        if (votes.some(({ by }) => isSame(by, author.actor))) throw new Problem('already_voted')
        if (verdict === 'approve') await refuseOwn(tx.db, before, author)
        const { kind, id: by, name } = author.actor
        const at = new Date(tx.now).toISOString()
        const after = [...votes, { by: { kind, id: by, name }, verdict, reason, at }]
        const isEnough = after.length >= before.quorum
        const status = verdict === 'decline' ? 'declined' : isEnough ? 'approved' : 'pending'
        const statusReason = verdict === 'decline' ? `${name}: ${reason}` : null
        await moveApproval(tx.db, id, 'pending', { status, statusReason, votes: after })
        tx.record({ ...draftOf(before, verdict), after: { status }, reason: reason === '' ? null : reason })
      })
      if (row.status === 'approved') await apply(author, row)
      return await get(id)
    },

    async apply(author, id) {
      const row = await find(id)
      if (row.status !== 'approved') throw isOver(row, clock.now())
      await apply(author, row)
      return await get(id)
    },

    async cancel(author, id) {
      const { environmentId } = await find(id)
      await store.change(author, environmentId, async (tx) => {
        const row = found(await findApproval(tx.db, id), 'approval')
        const status = statusAt(row, tx.now)
        if (status !== 'pending' && status !== 'approved') throw isOver(row, tx.now)
        const statusReason = `Cancelled by ${author.actor.name}`
        await moveApproval(tx.db, id, status, { status: 'cancelled', statusReason })
        tx.record({ ...draftOf(row, 'cancel'), after: { status: 'cancelled' } })
      })
      return await get(id)
    },
  }
}

/** Every change uses the approval up in its own transaction; the second one to try finds it gone. */
function usingUp(store: Store, row: ApprovalRow): Store {
  return {
    ...store,
    change: (author, environmentId, act) =>
      store.change(author, environmentId, async (tx) => {
        const moved = await moveApproval(tx.db, row.id, 'approved', { status: 'applied', statusReason: null })
        if (!moved) throw new Problem('approval_over')
        const value = await act({ ...tx, approved: true })
        tx.record({ ...draftOf(row, 'apply'), after: { status: 'applied' } })
        return value
      }),
  }
}

/** A person who let a program ask has asked. */
async function refuseOwn(db: Db, row: ApprovalRow, { actor }: Author): Promise<void> {
  if (row.selfApproval) return
  const asker = requestedBy(row)
  const creator = asker.kind === 'token' ? await creatorOfToken(db, asker.id) : null
  if (isSame(asker, actor) || creator === actor.name) throw new Problem('own_request')
}

function refuseForbidden(
  { access }: Granter,
  permission: EnvironmentPermission,
  environmentId: string,
): void {
  if (can(access, permission, environmentId)) return
  const role = neededRole(permission)
  throw new Problem('forbidden', {
    detail: `Asking for this needs the ${role} role`,
    extra: { neededRole: role, environmentId },
  })
}

function statusAt(row: ApprovalRow, now: number): ApprovalView['status'] {
  const status = row.status as ApprovalView['status']
  return status === 'pending' && row.expiresAt.getTime() <= now ? 'expired' : status
}

function isOver(row: ApprovalRow, now: number): Problem {
  const status = statusAt(row, now)
  return new Problem('approval_over', {
    detail: `This request for approval is ${status}${row.statusReason === null ? '' : `: ${row.statusReason}`}`,
    extra: { status },
  })
}

function isSame(a: { readonly kind: string; readonly id: string }, b: Author['actor']): boolean {
  return a.kind === b.kind && a.id === b.id
}

function requestedBy(row: ApprovalRow): Author['actor'] {
  return {
    kind: row.requestedByKind as Author['actor']['kind'],
    id: row.requestedById,
    name: row.requestedByName,
  }
}

function changeOf({ change }: ApprovalRow): ApprovalChange {
  return change as unknown as ApprovalChange
}

function votesOf({ votes }: ApprovalRow): ApprovalView['votes'] {
  return votes as unknown as ApprovalView['votes']
}

/** What the audit row of the change itself says. */
function reasonOf(row: ApprovalRow): string {
  const names = votesOf(row).map(({ by }) => by.name)
  const agreed = `agreed on by ${names.join(', ')}`
  return row.reason === '' ? agreed : `${row.reason} (${agreed})`.slice(-500)
}

function draftOf(row: ApprovalRow, act: string) {
  return {
    act: `approval.${act}`,
    object: { kind: 'approval', id: row.id, name: row.title },
    before: null,
    alsoTouches: [row.objectId],
  }
}

function auditedView(row: ApprovalRow) {
  const { version, title, quorum, reason } = row
  return { version, title, quorum, reason, change: changeOf(row), expiresAt: row.expiresAt.toISOString() }
}

function approvalView(row: ApprovalRow, now: number): ApprovalView {
  return {
    id: row.id,
    environmentId: row.environmentId,
    version: row.version,
    createdAt: row.createdAt.toISOString(),
    updatedAt: row.updatedAt.toISOString(),
    change: ownCopy(changeOf(row)),
    title: row.title,
    object: { kind: row.objectKind, id: row.objectId, name: row.objectName },
    before: row.before,
    after: row.after,
    moves: row.moves as unknown as ApprovalView['moves'],
    needs: row.needs,
    requestedBy: requestedBy(row),
    reason: row.reason,
    quorum: row.quorum,
    selfApproval: row.selfApproval,
    votes: votesOf(row),
    status: statusAt(row, now),
    statusReason: row.statusReason,
    expiresAt: row.expiresAt.toISOString(),
  }
}
