import type { Clock } from '@crossfade/runtime/clock'

/** A clock that stands still until a test moves it. Jobs run in due order, at their due time. */
export interface ManualClock extends Clock {
  advance(ms: number): void
  /** Like `advance`, letting promises settle between jobs. */
  advanceAsync(ms: number): Promise<void>
  /** Jobs still waiting; a test that ends with some has leaked them. */
  pending(): number
}

export function manualClock(start = 0): ManualClock {
  let now = start
  let queue: { readonly due: number; readonly job: () => void }[] = []

  /** Moves to the next job due by `end` and runs it; false when there is none. */
  const step = (end: number): boolean => {
    const next = queue.filter((entry) => entry.due <= end).toSorted((a, b) => a.due - b.due)[0]
    if (!next) return false
    queue = queue.filter((entry) => entry !== next)
    now = Math.max(now, next.due)
    next.job()
    return true
  }

  return {
    now: () => now,
    monotonic: () => now,
    after(ms, job) {
      const entry = { due: now + ms, job }
      queue.push(entry)
      return () => {
        queue = queue.filter((other) => other !== entry)
      }
    },
    advance(ms) {
      const end = now + ms
      while (step(end));
      now = end
    },
    async advanceAsync(ms) {
      const end = now + ms
      await settle()
      while (step(end)) await settle()
      now = end
      await settle()
    },
    pending: () => queue.length,
  }
}

/** Lets everything that waits only on promises go on. */
async function settle(): Promise<void> {
  for (let i = 0; i < 10; i++) await new Promise<void>((resolve) => setImmediate(resolve))
}
