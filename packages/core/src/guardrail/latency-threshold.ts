import { LatencySketch } from '../sketch.ts'

/**
 * The latency that makes a request of legacy "slow": its quantile over some minutes before, never over the requests
 * that are then compared. Learned anew every ten minutes, so that it follows the day. Plain JSON.
 */
export interface ThresholdMemory {
  /** In ms; null before enough of legacy was seen. */
  readonly ms: number | null
  /** Nothing is learned before this. */
  readonly restUntil: number
  /** What is being learned: the bytes of sketches, and the requests in them. */
  readonly learning: readonly (readonly number[])[]
  readonly seen: number
}

const ENOUGH = 300
const REST_MS = 600_000

export const NO_THRESHOLD: ThresholdMemory = { ms: null, restUntil: 0, learning: [], seen: 0 }

/** Takes one more window of legacy into account, for the windows after it. */
export function learn(
  memory: ThresholdMemory,
  quantile: number,
  legacy: LatencySketch | null,
  end: number,
): ThresholdMemory {
  if (legacy === null || legacy.count === 0 || end < memory.restUntil) return memory
  const learning = [...memory.learning, [...legacy.encode()]]
  const seen = memory.seen + legacy.count
  if (seen < ENOUGH) return { ...memory, learning, seen }
  const all = new LatencySketch()
  for (const bytes of learning) all.merge(LatencySketch.decode(Uint8Array.from(bytes)))
  return { ms: all.quantile(quantile), restUntil: end + REST_MS, learning: [], seen: 0 }
}
