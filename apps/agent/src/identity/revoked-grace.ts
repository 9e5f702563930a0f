import { every, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'

/** What a revoked agent does with traffic (AG-04): serves on for ever, or for a time. */
export interface RevokedGrace extends Part {
  /** True once the time is over: nothing is served until the agent is let in again. */
  hasStopped(): boolean
}

const lookEveryMs = 1_000

/** `graceMs` null: it serves its last snapshot for ever. */
export function createRevokedGrace(parts: {
  readonly graceMs: number | null
  /** How long what is under way may take then. */
  readonly finishMs: number
  readonly revokedAt: () => number | null
  /** Ends every connection that is left. */
  readonly cutOff: () => void
  readonly clock: Clock
  readonly logger: Logger
}): RevokedGrace {
  const { graceMs, clock, logger } = parts
  let stopped = false
  let stopLooking = () => {}
  let cancelCutOff = () => {}

  const look = () => {
    const since = parts.revokedAt()
    const isOver = graceMs !== null && since !== null && clock.now() - since >= graceMs
    if (isOver === stopped) return
    stopped = isOver
    cancelCutOff()
    if (!isOver) {
      logger.info('Let in again: serving')
      return
    }
    logger.error({ revokedAt: new Date(since ?? 0) }, 'Revoked, and its time is over: serving no more')
    cancelCutOff = clock.after(parts.finishMs, parts.cutOff)
  }

  return {
    name: 'revoked grace',
    hasStopped: () => stopped,
    async start() {
      if (graceMs === null) return
      look()
      stopLooking = every(clock, lookEveryMs, look, (error) => logger.error({ err: error }))
    },
    async stop() {
      stopLooking()
      cancelCutOff()
    },
  }
}
