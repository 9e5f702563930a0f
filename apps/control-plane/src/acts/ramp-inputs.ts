import type { RampInputs } from '@crossfade/core/ramp/model'
import type { StoredRamp } from '../store/ramps.ts'
import type { RaiseBlocks, ShareRaise } from './raises.ts'
import type { Holder } from './share-holder.ts'

/** What people's acts and screens go by: what was judged last. */
export function inputsOf(ramp: StoredRamp, holder: Holder, blocks: RaiseBlocks): RampInputs {
  const { judged } = ramp
  return {
    judgements: judged?.judgements ?? [],
    judgedAt: judged?.at ?? 0,
    requestsOnNew: judged?.requestsOnNew ?? 0,
    legacyIsWorse: judged?.legacyIsWorse ?? null,
    shareInForce: holder.share,
    ...blocks,
    pointOfNoReturn: holder.isGone,
    serviceVersion: null,
  }
}

/** What going on to the next stage would do; null where that raises nothing. */
export function nextRaise(
  { plan, state }: StoredRamp,
  { kind, id, name, share }: Pick<Holder, 'kind' | 'id' | 'name' | 'share'>,
): ShareRaise | null {
  const next = plan.stages[state.stage + 1]
  return next !== undefined && next.share > share ? { kind, id, name, from: share, to: next.share } : null
}
