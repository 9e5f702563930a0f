import type { LiveEvent } from '@crossfade/contracts/live'
import type { Side } from '@crossfade/core/model'
import type { LatencySketch } from '@crossfade/core/sketch'
import { addTally, type Tally } from '@crossfade/core/tally'
import type { Clock } from '@crossfade/runtime/clock'
import { merged, sketchOf, type PendingBatch } from './batches.ts'
import { pointOf } from './point.ts'

export type LiveNumbers = Extract<LiveEvent, { type: 'numbers' }>['mappings']

/** The last seconds of every environment in memory: what the live feed shows before history has it. */
export interface RecentSeconds {
  add(batch: PendingBatch): void
  /** All series of the second that began at `at`. */
  second(environmentId: string, at: number): LiveNumbers
}

const secondsKept = 15
const bootsRemembered = 5_000

interface Sum {
  readonly mappingId: string | null
  readonly side: Side
  tally: Tally
  sketch: LatencySketch | null
}

export function createRecentSeconds(clock: Clock): RecentSeconds {
  /** By environment, then second, then series. */
  const environments = new Map<string, Map<number, Map<string, Sum>>>()
  /** A batch sent twice counts once here too. */
  const lastSeq = new Map<string, number>()

  const isNew = ({ agentId, batch }: PendingBatch): boolean => {
    const boot = `${agentId} ${batch.boot}`
    if (batch.seq <= (lastSeq.get(boot) ?? 0)) return false
    lastSeq.delete(boot)
    lastSeq.set(boot, batch.seq)
    const [oldest] = lastSeq.keys()
    if (lastSeq.size > bootsRemembered && oldest !== undefined) lastSeq.delete(oldest)
    return true
  }

  return {
    add(pending) {
      if (!isNew(pending)) return
      const oldest = clock.now() - secondsKept * 1000
      const seconds = environments.get(pending.environmentId) ?? new Map<number, Map<string, Sum>>()
      environments.set(pending.environmentId, seconds)
      for (const at of seconds.keys()) if (at < oldest) seconds.delete(at)
      for (const { at, samples } of pending.batch.windows) {
        if (at < oldest || at > clock.now() + 5_000) continue
        const sums = seconds.get(at) ?? new Map<string, Sum>()
        seconds.set(at, sums)
        for (const { mappingId, side, via, tally, sketch } of samples) {
          if (mappingId !== null && via !== 'split') continue
          addSample(sums, { mappingId, side, tally, sketch: sketchOf(sketch) })
        }
      }
    },
    second(environmentId, at) {
      const sums = environments.get(environmentId)?.get(at)
      return sums === undefined ? [] : numbersOf(at, sums)
    },
  }
}

function addSample(sums: Map<string, Sum>, sample: Sum): void {
  const id = `${sample.mappingId ?? ''} ${sample.side}`
  const sum = sums.get(id)
  if (sum === undefined) {
    sums.set(id, sample)
    return
  }
  sum.tally = addTally(sum.tally, sample.tally)
  sum.sketch = merged(sum.sketch, sample.sketch)
}

function numbersOf(at: number, sums: ReadonlyMap<string, Sum>): LiveNumbers {
  const mappings = new Map<string | null, LiveNumbers[number]>()
  for (const { mappingId, side, tally, sketch } of sums.values()) {
    const row = mappings.get(mappingId) ?? { mappingId, legacy: null, new: null }
    mappings.set(mappingId, { ...row, [side]: pointOf(at, tally, sketch) })
  }
  return [...mappings.values()]
}
