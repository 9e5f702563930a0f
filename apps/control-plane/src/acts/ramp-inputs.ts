import type { RampInputs } from '@crossfade/core/ramp/model'
import type { StoredRamp } from '../store/ramps.ts'
import type { RaiseBlocks } from './raises.ts'
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
