import type { Via } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'

/** Under which series a request is counted. */
export interface Label {
  readonly mappingId: string | null
  readonly side: Side
  readonly via: Via
}

/** What goes to a default service, and what is refused before anything was decided. */
export const UNMAPPED: Label = Object.freeze({ mappingId: null, side: 'legacy', via: 'default' })
