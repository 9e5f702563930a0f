import { Problem } from '@crossfade/contracts/problems'
import type { StatsBatch } from '@crossfade/contracts/stats'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { StatsTaker } from '../link/hub.ts'
import type { PendingBatch } from './batches.ts'
import type { RecentSeconds } from './recent-seconds.ts'

export interface IntakeParts {
  /** Counts in one transaction; rejects with `store_unavailable` while the database is away. */
  readonly count: (batches: readonly PendingBatch[]) => Promise<void>
  /** Mappings an environment has; null while that is not known. */
  readonly mappingsOf: (environmentId: string) => ReadonlySet<string> | null
  readonly recent: RecentSeconds
  readonly clock: Clock
  readonly logger: Logger
}

export interface Intake extends StatsTaker {
  /** Counts what is waiting, once more, and stops. */
  stop(): Promise<void>
}

interface Waiting extends PendingBatch {
  readonly onCounted: () => void
  readonly size: number
}

/** Commits are grouped: one at most this often, whatever number of agents reports. */
const commitEveryMs = 500
const retryMs = 1_000
/** Samples in memory while the database is slow or away; beyond, agents keep theirs. */
const samplesHeld = 200_000

/** Takes numbers from agents, counts them in groups, and acknowledges each batch after its commit. */
export function createIntake(parts: IntakeParts): Intake {
  const { clock, logger } = parts
  let waiting: Waiting[] = []
  let held = 0
  let running: Promise<void> | null = null
  let cancel: (() => void) | null = null
  let lastCommitAt = -Infinity
  let isAway = false
  let stopped = false

  const schedule = (ms: number) => {
    if (stopped || cancel !== null || running !== null || waiting.length === 0) return
    cancel = clock.after(ms, () => {
      cancel = null
      void commit()
    })
  }

  const commit = (): Promise<void> => {
    const taken = waiting
    waiting = []
    lastCommitAt = clock.monotonic()
    running = countAll(taken).then((left) => {
      running = null
      waiting = [...left, ...waiting]
      held = waiting.reduce((sum, one) => sum + one.size, 0)
      schedule(left.length > 0 ? retryMs : commitEveryMs)
    })
    return running
  }

  /** The answer is what has to wait for the database to come back. */
  const countAll = async (batches: readonly Waiting[]): Promise<readonly Waiting[]> => {
    try {
      await parts.count(batches)
      if (isAway) logger.info('Numbers are stored again')
      isAway = false
      for (const { onCounted } of batches) onCounted()
      return []
    } catch (error) {
      if (isAboutStore(error)) {
        if (!isAway) logger.warn({ err: error }, 'Numbers wait: the database does not take them')
        isAway = true
        return batches
      }
      return batches.length === 1 ? giveUp(batches, error) : countEach(batches)
    }
  }

  /** One batch that cannot be stored must not hold back the others. */
  const countEach = async (batches: readonly Waiting[]): Promise<readonly Waiting[]> => {
    const left: Waiting[] = []
    for (const batch of batches) left.push(...(await countAll([batch])))
    return left
  }

  const giveUp = (batches: readonly Waiting[], error: unknown): readonly Waiting[] => {
    for (const { agentId, batch, onCounted } of batches) {
      logger.error({ err: error, agentId, seq: batch.seq }, 'A batch of numbers cannot be stored; it is lost')
      onCounted()
    }
    return []
  }

  return {
    offer(from, batch, onCounted) {
      const known = withoutUnknown(batch, parts.mappingsOf(from.environmentId))
      const size = samplesIn(known) + 1
      if (stopped || held + size > samplesHeld) return false
      const unknown = samplesIn(batch) - samplesIn(known)
      if (unknown > 0) {
        logger.warn({ agent: from.name, samples: unknown }, 'Numbers for unknown mappings were dropped')
      }
      if (batch.lostWindows > 0) {
        logger.warn({ agent: from.name, windows: batch.lostWindows }, 'An agent had to give up numbers')
      }
      const { agentId, environmentId } = from
      parts.recent.add({ agentId, environmentId, batch: known })
      waiting.push({ agentId, environmentId, batch: known, onCounted, size })
      held += size
      schedule(Math.max(0, lastCommitAt + commitEveryMs - clock.monotonic()))
      return true
    },
    async stop() {
      stopped = true
      cancel?.()
      await running
      if (waiting.length > 0) await commit()
    },
  }
}

function isAboutStore(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable'
}

function withoutUnknown(batch: StatsBatch, mappings: ReadonlySet<string> | null): StatsBatch {
  if (mappings === null) return batch
  const isKnown = ({ mappingId }: { readonly mappingId: string | null }) =>
    mappingId === null || mappings.has(mappingId)
  const windows = batch.windows.map(({ at, samples, clients = [], paths = [] }) => ({
    at,
    samples: samples.filter(isKnown),
    clients: clients.filter(isKnown),
    paths: paths.filter(isKnown),
  }))
  return { ...batch, windows }
}

function samplesIn(batch: StatsBatch): number {
  return batch.windows.reduce(
    (sum, { samples, clients = [], paths = [] }) => sum + samples.length + clients.length + paths.length,
    0,
  )
}
