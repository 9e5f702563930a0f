import type { Clock } from '@crossfade/runtime/clock'

export interface LatestWriter<T> {
  /** Ends when this value, or one put after it, is written. A failed write is tried again for as long as it takes. */
  put(value: T): Promise<void>
  /** Waits for the write that runs and gives up those that keep failing. */
  stop(): Promise<void>
}

/** One write at a time, and only of the newest value: a slow disk never makes a queue. */
export function createLatestWriter<T>(parts: {
  readonly write: (value: T) => Promise<void>
  readonly clock: Clock
  readonly retryMs: number
  readonly onError: (error: unknown) => void
}): LatestWriter<T> {
  let next: { readonly value: T; readonly written: readonly (() => void)[] } | null = null
  let run: Promise<void> | null = null
  let cancelRetry = () => {}
  let stopped = false

  const writeAll = async () => {
    for (let job = next; job; job = next) {
      next = null
      try {
        await parts.write(job.value)
      } catch (error) {
        parts.onError(error)
        next = merge(job, next)
        if (!stopped) cancelRetry = parts.clock.after(parts.retryMs, begin)
        return
      }
      for (const written of job.written) written()
    }
  }
  const begin = () => {
    cancelRetry()
    run ??= writeAll().finally(() => (run = null))
  }

  return {
    put: (value) =>
      new Promise((resolve) => {
        next = { value, written: [...(next?.written ?? []), resolve] }
        begin()
      }),
    async stop() {
      stopped = true
      cancelRetry()
      await run
    },
  }
}

type Job<T> = { readonly value: T; readonly written: readonly (() => void)[] }

function merge<T>(failed: Job<T>, later: Job<T> | null): Job<T> {
  return later ? { value: later.value, written: [...failed.written, ...later.written] } : failed
}
