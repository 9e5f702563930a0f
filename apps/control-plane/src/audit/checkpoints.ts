import { signCheckpoint } from '@crossfade/runtime/audit-checkpoint'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import type { Signer } from '@crossfade/runtime/seal'
import type { ChainEnd } from './chain.ts'

/** The signed end of the audit trail, as told to agents in heartbeat replies and snapshots (rule 23). */
export interface Checkpoints extends Part {
  /** Null before the first row, and while the database has not been read yet. */
  current(): string | null
}

const readEveryMs = 10_000

export function createCheckpoints(parts: {
  readonly end: () => Promise<ChainEnd>
  readonly signer: Signer
  readonly clock: Clock
  readonly logger: Logger
}): Checkpoints {
  const { clock, logger, signer } = parts
  let last: ChainEnd | null = null
  let text: string | null = null
  let stop = () => {}

  const read = async () => {
    const end = await parts.end()
    if (end.seq === 0 || (end.seq === last?.seq && end.mac === last.mac)) return
    last = end
    text = signCheckpoint({ ...end, at: new Date(clock.now()).toISOString() }, signer)
    // Wherever logs are kept, there is one more witness.
    logger.info({ seq: end.seq, checkpoint: text }, 'Checkpoint of the audit trail')
  }

  return {
    name: 'audit checkpoints',
    current: () => text,
    async start() {
      await read()
      stop = every(clock, readEveryMs, read, (err) =>
        logger.warn({ err }, 'The end of the audit trail could not be read'),
      )
    },
    stop: async () => stop(),
  }
}
