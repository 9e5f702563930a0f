import { percentOfShare } from '@crossfade/contracts/percent'
import type { Change } from '@crossfade/contracts/api/changes'
import type { RampAct, RampState } from '@crossfade/core/ramp/model'
import { saveRamp, type Judged, type RampMemory, type StoredRamp, type Visit } from '../store/ramps.ts'
import type { ChangeTx } from '../store/store.ts'
import { memberIds, moveShare, shareView, type Holder } from './share-holder.ts'

/** A ramp acted while somebody else wrote it: nothing was done, and who acted looks again. */
export class LostRace extends Error {
  override readonly name = 'LostRace'
}

/** What follows from a transition of core. */
export interface RampOutcome {
  readonly state: RampState
  readonly acts: readonly RampAct[]
  /** Left out by people, who remember nothing. */
  readonly memory?: RampMemory
  readonly judged?: Judged
}

export interface Committed {
  readonly ramp: StoredRamp
  readonly holder: Holder
}

/**
 * The one way a ramp changes: its new state is compared and set, the share moves as a hand would move it, and each
 * act is audited, all in the caller's transaction. Throws `LostRace` when the ramp was written since it was read.
 */
export async function commitRamp(
  tx: ChangeTx,
  ramp: StoredRamp,
  holder: Holder,
  { state, acts, memory = ramp.memory, judged }: RampOutcome,
  at: number,
): Promise<Committed> {
  const moved = await moveShare(tx, holder, state.share, { approved: ramp.state.approval !== null })
  for (const act of acts) tx.record(draftOf(ramp, act, holder, moved.holder, state))
  const after = {
    state,
    memory,
    judged: judged ?? judgedAfter(ramp, state),
    visits: visitsAfter(ramp, state, at),
  }
  if (!(await saveRamp(tx.db, ramp, after))) throw new LostRace('The ramp was written in the meantime')
  return { ramp: { ...ramp, ...after, saves: ramp.saves + 1 }, holder: moved.holder }
}

/** Whoever a judgement made act is named in the audit (rule 23); else the ramp itself. */
export function rampActor({ cause }: Pick<RampAct, 'cause'>): Change['actor'] {
  return cause === null
    ? { kind: 'system', id: 'ramp', name: 'Ramp' }
    : { kind: 'guardrail', id: cause.guardrailId, name: cause.name }
}

function draftOf(ramp: StoredRamp, act: RampAct, before: Holder, after: Holder, { waitsFor }: RampState) {
  const { kind, id, name } = before
  // Only a row that moves the share says its version: conflicts are explained by those.
  const moves = before.shareVersion !== after.shareVersion && act.to.share === after.share
  const isMove = moves && act.from.share !== act.to.share
  const view = ({ stage, share }: RampAct['from']) => ({ stage, percent: percentOfShare(share) })
  return {
    act: `ramp.${act.kind}`,
    object: { kind, id, name },
    before: { ...view(act.from), ...(isMove && shareView(before)) },
    after: {
      ...view(act.to),
      ...(isMove && shareView(after)),
      words: act.words,
      ...(act.cause !== null && { cause: causeOf(act.cause) }),
      ...(act.kind === 'waits' && { waitsFor }),
      ...(act.callsPerson && { callsPerson: true }),
    },
    reason: act.reason,
    alsoTouches: [ramp.id, ...memberIds(before)],
    ...(act.by === null && { actor: rampActor(act), source: 'system' as const }),
  }
}

/** The numbers, without what only finds the judgement again. */
function causeOf({ key: _key, ...cause }: NonNullable<RampAct['cause']>) {
  return cause
}

/** What was judged in another stage says nothing about how many requests this one has seen. */
function judgedAfter({ judged, state: before }: StoredRamp, after: RampState): Judged | null {
  if (judged === null || before.sampleSince === after.sampleSince) return judged
  return { ...judged, requestsOnNew: 0 }
}

function visitsAfter({ visits, state: before }: StoredRamp, after: RampState, at: number): readonly Visit[] {
  const isThere = after.stage === before.stage && after.enteredAt === before.enteredAt
  const isOver = after.status === 'ended' && before.status !== 'ended'
  if (isThere && !isOver) return visits
  const left = visits.map((visit) => (visit.leftAt === null ? { ...visit, leftAt: at } : visit))
  if (isThere || after.status === 'ended') return left
  return [...left, { stage: after.stage, share: after.share, enteredAt: at, leftAt: null }]
}
