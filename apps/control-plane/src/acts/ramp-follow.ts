import type { Outcome, PersonAct } from '@crossfade/core/ramp/model'
import { handMove, rollBack } from '@crossfade/core/ramp/person-acts'
import { lockLiveRamps, lockRampOf, type StoredRamp } from '../store/ramps.ts'
import type { ChangeTx } from '../store/store.ts'
import { commitRamp } from './ramp-commit.ts'
import { holderOf, type Holder } from './share-holder.ts'

export type HandAct = Omit<PersonAct, 'leaving'>

/** What a hand on the share did to the ramp. */
export interface RampEffect {
  readonly id: string
  readonly words: string
}

/**
 * Ramps follow what hands do to shares, in the hand's own transaction: the slider pauses a ramp (rule 14), a roll
 * back ends it (rule 19). Null where there is no ramp, or none that is under way.
 */
export async function followHandMove(
  tx: ChangeTx,
  before: Holder,
  after: Holder,
  act: HandAct,
): Promise<RampEffect | null> {
  if (before.share === after.share) return null
  const ramp = await lockRampOf(tx.db, after)
  if (ramp === null || ramp.state.status === 'ready') return null
  return await follow(tx, ramp, after, handMove(ramp.plan, ramp.state, act, after.share), act.at)
}

/** Also when the share was 0 already: a ramp that goes on from there is rolled back with it. */
export async function followRollBack(tx: ChangeTx, after: Holder, act: HandAct): Promise<RampEffect | null> {
  const ramp = await lockRampOf(tx.db, after)
  if (ramp === null || ramp.state.status === 'ready') return null
  return await follow(tx, ramp, after, rollBack(ramp.state, act, false), act.at)
}

/** The kill switch, after every share went to 0; those past the point of no return go on. */
export async function followEnvironmentRollBack(
  tx: ChangeTx,
  environmentId: string,
  act: HandAct,
): Promise<void> {
  for (const ramp of await lockLiveRamps(tx.db, environmentId)) {
    const holder = await holderOf(tx.db, ramp.target.kind, ramp.target.id)
    if (!holder.isGone) await follow(tx, ramp, holder, rollBack(ramp.state, act, false), act.at)
  }
}

async function follow(
  tx: ChangeTx,
  ramp: StoredRamp,
  holder: Holder,
  outcome: Outcome,
  at: number,
): Promise<RampEffect | null> {
  if (!outcome.ok || outcome.acts.length === 0) return null
  await commitRamp(tx, ramp, holder, outcome, at)
  return { id: ramp.id, words: outcome.acts.map(({ words }) => words).join('. ') }
}
