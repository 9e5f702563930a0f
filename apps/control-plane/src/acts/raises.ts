import { Problem } from '@crossfade/contracts/problems'
import { percentOfShare } from '@crossfade/contracts/percent'
import { freezeAt } from '@crossfade/core/governance/freeze'
import { isProtected, needsApproval, type RaiseSize } from '@crossfade/core/governance/protection'
import type { Share } from '@crossfade/core/model'
import { raises } from '@crossfade/core/preview'
import type { RampInputs } from '@crossfade/core/ramp/model'
import { raiseRefusal } from '@crossfade/core/ramp/refusals'
import { sharesSince } from '../store/changes.ts'
import { findGovernance, type Governance } from '../store/governance.ts'
import { RefusedChange } from '../store/refused-change.ts'
import { readSnapshot } from '../store/snapshot.ts'
import type { ChangeTx, Db, Store } from '../store/store.ts'

/** A share that goes up (rule 21). */
export interface ShareRaise {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly from: Share
  readonly to: Share
}

/** What stands in the way of raises in an environment. */
export type RaiseBlocks = Pick<RampInputs, 'freeze' | 'stopTheLine' | 'raiseNeedsApproval'>

/** For a ramp, which waits until it may go on; `next` is the raise it would make. */
export async function raiseBlocks(
  db: Db,
  environmentId: string,
  now: number,
  next: ShareRaise | null,
): Promise<RaiseBlocks> {
  const governance = await governanceOf(db, environmentId)
  return {
    ...standing(governance, now),
    raiseNeedsApproval: next !== null && (await needsOf(db, governance, next, now)) !== null,
  }
}

/** Why a raise of a share needs approvals, in words; null when it does not. */
export async function needsForShare(
  db: Db,
  environmentId: string,
  raise: ShareRaise,
  now: number,
): Promise<string | null> {
  return await needsOf(db, await governanceOf(db, environmentId), raise, now)
}

/** One person's word on a stage is not enough where the environment asks for more: `approvals.ts` counts them. */
export function refuseLoneApproval(tx: ChangeTx, blocks: RaiseBlocks): void {
  if (tx.approved || !blocks.raiseNeedsApproval) return
  const detail = 'This environment is protected: ask for an approval of this stage'
  throw new Problem('approval_required', { detail })
}

/**
 * Where every raise of a share passes, from the slider, the API, the calendar and ramps alike, in the transaction
 * that makes it; lowering never comes here. `approved` is what its ramp was told.
 */
export async function refuseRaise(
  tx: ChangeTx,
  environmentId: string,
  raise: ShareRaise,
  approved: boolean,
): Promise<void> {
  const governance = await governanceOf(tx.db, environmentId)
  const { kind, id, name } = raise
  const draft = { object: { kind, id, name }, before: { percent: percentOfShare(raise.from) } }
  const asked = { percent: percentOfShare(raise.to) }
  refuseStanding(governance, tx.now, asked, draft)
  if (approved || tx.approved) return
  refuseUnapproved(governance, await needsOf(tx.db, governance, raise, tx.now), asked, draft)
}

/**
 * A store whose changes all pass the same gate: what they did is compared with what was, whatever the act. For acts
 * on definitions, which raise in more ways than by a share. An environment without blocks costs one query.
 */
export function refusingRaises(store: Store): Store {
  return {
    ...store,
    change: (author, environmentId, act) =>
      store.change(author, environmentId, (tx) =>
        environmentId === null ? act(tx) : gated(tx, environmentId, act),
      ),
  }
}

async function gated<T>(tx: ChangeTx, environmentId: string, act: (tx: ChangeTx) => Promise<T>): Promise<T> {
  const governance = await governanceOf(tx.db, environmentId)
  const isOpen = raiseRefusal(standing(governance, tx.now)) === null && !isProtected(governance.protection)
  if (isOpen) return await act(tx)
  const { snapshot: before } = await readSnapshot(tx.db, environmentId)
  const value = await act(tx)
  // What was deleted whole raises nobody.
  if ((await findGovernance(tx.db, environmentId)) === null) return value
  const { snapshot: after } = await readSnapshot(tx.db, environmentId)
  for (const { mappingId, name, to, by } of raises(before, after)) {
    const object =
      mappingId === null
        ? { kind: 'environment', id: environmentId, name }
        : { kind: 'mapping', id: mappingId, name }
    const draft = { object, before: null }
    const asked = { percent: percentOfShare(to) }
    refuseStanding(governance, tx.now, asked, draft)
    if (!tx.approved) {
      refuseUnapproved(governance, needsApproval(governance.protection, { name, to, by }), asked, draft)
    }
  }
  return value
}

async function governanceOf(db: Db, environmentId: string): Promise<Governance> {
  const governance = await findGovernance(db, environmentId)
  if (governance === null) throw new Problem('not_found', { detail: 'There is no such environment' })
  return governance
}

function standing({ freezes, stopped }: Governance, now: number): Omit<RaiseBlocks, 'raiseNeedsApproval'> {
  return { freeze: freezeAt(freezes, now), stopTheLine: stopped }
}

async function needsOf(
  db: Db,
  { protection }: Governance,
  { id, name, from, to }: ShareRaise,
  now: number,
): Promise<string | null> {
  if (!isProtected(protection)) return null
  const lowest = Math.min(from, ...(await sharesSince(db, id, new Date(now - DAY_MS))))
  const size: RaiseSize = { name, to, by: to - lowest }
  return needsApproval(protection, size)
}

type Draft = ConstructorParameters<typeof RefusedChange>[2]

function refuseStanding(governance: Governance, now: number, asked: object, draft: Draft): void {
  const blocks = standing(governance, now)
  const refused = raiseRefusal(blocks)
  if (refused === null) return
  const { freeze, stopTheLine } = blocks
  const extra =
    stopTheLine === null
      ? { freeze: { name: freeze?.name, until: isoOf(freeze?.until ?? null) } }
      : { stopped: { ...stopTheLine, at: isoOf(governance.stopped?.at ?? null) } }
  throw new RefusedChange(refused.code, { detail: refused.words, extra: { ...extra, asked } }, draft)
}

function refuseUnapproved(
  { protection }: Governance,
  needs: string | null,
  asked: object,
  draft: Draft,
): void {
  if (needs === null) return
  const { quorum, selfApproval } = protection
  const who = quorum === 1 ? 'one person' : `${quorum} people`
  const detail = `${needs}. Ask for an approval by ${who}${selfApproval ? '' : ' other than you'}`
  throw new RefusedChange('approval_required', { detail, extra: { quorum, selfApproval, asked } }, draft)
}

function isoOf(ms: number | null): string | null {
  return ms === null ? null : new Date(ms).toISOString()
}

const DAY_MS = 86_400_000
