import type { Clock } from '@crossfade/runtime/clock'

/** Turns a count that only grows into a rate per second, between one reading and the next. */
export function createRate(clock: Clock, count: () => number): () => number {
  let before = { at: clock.monotonic(), count: count() }
  return () => {
    const now = { at: clock.monotonic(), count: count() }
    const seconds = (now.at - before.at) / 1000
    // Asked twice in a moment, a rate would be noise.
    if (seconds < 0.1) return 0
    const rate = Math.max(0, now.count - before.count) / seconds
    before = now
    return Math.round(rate * 10) / 10
  }
}
