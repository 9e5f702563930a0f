import { Problem } from '@crossfade/contracts/problems'
import type { Share } from '@crossfade/core/model'
import type { RampInputs } from '@crossfade/core/ramp/model'
import { raiseRefusal } from '@crossfade/core/ramp/refusals'
import type { Db } from '../store/store.ts'

/** A change after which somebody is on new who was not (rule 21). */
export interface Raise {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
  readonly from: Share
  readonly to: Share
  /** Approved as its ramp asks. */
  readonly approved: boolean
}

/** What stands in the way of raises in an environment. */
export type RaiseBlocks = Pick<RampInputs, 'freeze' | 'stopTheLine' | 'raiseNeedsApproval'>

/** For a ramp, which waits until it may go on. */
export async function raiseBlocks(_db: Db, _environmentId: string): Promise<RaiseBlocks> {
  return { freeze: null, stopTheLine: null, raiseNeedsApproval: false }
}

/**
 * Where every raise of a share passes, from the slider, the API and ramps alike, in the transaction that makes it;
 * lowering never comes here.
 */
export async function refuseRaise(db: Db, environmentId: string, raise: Raise): Promise<void> {
  const blocks = await raiseBlocks(db, environmentId)
  const refused = raiseRefusal(blocks)
  if (refused !== null) throw new Problem(refused.code, { detail: refused.words })
  if (blocks.raiseNeedsApproval && !raise.approved) {
    throw new Problem('approval_required', { detail: `Raising ${raise.name} needs an approval` })
  }
}
