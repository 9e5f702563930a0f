import type { z } from 'zod'
import type { rampActBodies, RampActName, RampView } from '@crossfade/contracts/api/ramps'
import { advance, skip } from '@crossfade/core/ramp/going-on'
import type { Outcome, PersonAct, RampInputs } from '@crossfade/core/ramp/model'
import {
  approve,
  holdLonger,
  pause,
  resume,
  resumeFromHere,
  start,
  steppedRollBack,
  stop,
  tickItem,
} from '@crossfade/core/ramp/person-acts'
import type { Author } from '../store/author.ts'
import { findRamp, lockRamp, type StoredRamp } from '../store/ramps.ts'
import type { ActParts } from './acts.ts'
import { raiseBlocks, refuseLoneApproval } from './raises.ts'
import { commitRamp } from './ramp-commit.ts'
import { inputsOf, nextRaise } from './ramp-inputs.ts'
import { problemOf } from './ramp-refusals.ts'
import { rampView } from './ramp-views.ts'
import { found, refuseStale } from './refusals.ts'
import { holderOf, memberIds, shareView } from './share-holder.ts'

type Bodies = { readonly [Name in RampActName]: z.output<(typeof rampActBodies)[Name]> }
type Transition<Name extends RampActName> = (
  ramp: StoredRamp,
  act: PersonAct,
  inputs: RampInputs,
  body: Bodies[Name],
) => Outcome

export interface RampPersonActs {
  /**
   * One act of a person on a ramp. `ifVersion` is the definition that was on the screen, for starting what was seen;
   * all others name the stage they leave, where they leave one.
   */
  perform<Name extends RampActName>(
    author: Author,
    id: string,
    name: Name,
    body: Bodies[Name],
    ifVersion: number | null,
  ): Promise<RampView>
}

/**
 * All of them on one path: the ramp is locked and read, core says what follows, and the state, the share and the
 * audit are written in that same transaction. Of two that leave the same stage the second hears `stage_left`.
 */
export function rampPersonActs({ store, clock }: ActParts): RampPersonActs {
  return {
    async perform(author, id, name, body, ifVersion) {
      const { environmentId } = found(await store.read((db) => findRamp(db, id)), 'ramp')
      const { value } = await store.change(author, environmentId, async (tx) => {
        const ramp = found(await lockRamp(tx.db, id), 'ramp')
        if (ifVersion !== null) await refuseStale(tx.db, ramp, ifVersion)
        const holder = await holderOf(tx.db, ramp.target.kind, ramp.target.id)
        const now = clock.now()
        const blocks = await raiseBlocks(tx.db, environmentId, now, nextRaise(ramp, holder))
        if (name === 'approve') refuseLoneApproval(tx, blocks)
        const act = personAct(author, body, ramp, now)
        const outcome = transitions[name](ramp, act, inputsOf(ramp, holder, blocks), body)
        if (!outcome.ok) throw problemOf(outcome)
        if (name === 'note') {
          tx.record({
            act: 'ramp.note',
            object: { kind: holder.kind, id: holder.id, name: holder.name },
            before: null,
            after: { stage: ramp.state.stage, percent: shareView(holder).percent },
            reason: 'text' in body ? body.text : null,
            alsoTouches: [ramp.id, ...memberIds(holder)],
          })
        }
        if (outcome.acts.length === 0) return rampView(ramp, holder, blocks, now)
        const after = await commitRamp(tx, ramp, holder, outcome, now)
        return rampView(after.ramp, after.holder, blocks, now)
      })
      return value
    },
  }
}

const transitions: { readonly [Name in RampActName]: Transition<Name> } = {
  start: ({ plan, state }, act, inputs) => start(plan, state, act, inputs),
  pause: ({ plan, state }, act) => pause(plan, state, act),
  resume: ({ plan, state }, act, inputs) => resume(plan, state, act, inputs),
  'resume-from-here': ({ plan, state }, act, inputs) => resumeFromHere(plan, state, act, inputs),
  advance: ({ plan, state }, act, inputs) => advance(plan, state, act, inputs),
  skip: ({ plan, state }, act, inputs, { to }) => skip(plan, state, act, inputs, to),
  'hold-longer': ({ plan, state }, act, _inputs, { ms }) => holdLonger(plan, state, act, ms),
  checklist: ({ plan, state }, act, _inputs, { itemId, done }) => tickItem(plan, state, act, itemId, done),
  approve: ({ plan, state }, act) => approve(plan, state, act),
  stop: ({ plan, state }, act) => stop(plan, state, act),
  'step-back': ({ plan, state }, act, { pointOfNoReturn }) =>
    steppedRollBack(plan, state, act, pointOfNoReturn),
  note: ({ state }) => ({ ok: true, state, acts: [] }),
}

function personAct(author: Author, body: Bodies[RampActName], { state }: StoredRamp, at: number): PersonAct {
  const reason = 'reason' in body ? body.reason : undefined
  return {
    by: author.actor.name,
    at,
    reason: reason === undefined || reason === '' ? null : reason,
    leaving: 'leaving' in body ? body.leaving : state.stage,
  }
}
