/** Time as an argument: `main.ts` brings the real one, tests a manual one. Milliseconds everywhere. */
export interface Clock {
  /** Wall clock, ms since the epoch. */
  now(): number
  /** Monotonic, ms with fractions, for durations. */
  monotonic(): number
  /** Runs `job` once after `ms`; the answer cancels it. */
  after(ms: number, job: () => void): () => void
}

export const systemClock: Clock = {
  now: () => Date.now(),
  monotonic: () => performance.now(),
  after: (ms, job) => {
    const timer = setTimeout(job, ms)
    return () => clearTimeout(timer)
  },
}

/** Runs `job` again and again, `ms` after the last run ended; the answer stops it. A failing run goes to `onError`. */
export function every(
  clock: Clock,
  ms: number,
  job: () => void | Promise<void>,
  onError: (error: unknown) => void,
): () => void {
  let stopped = false
  let cancel = () => {}
  const schedule = () => {
    if (!stopped) cancel = clock.after(ms, run)
  }
  const run = () => {
    // Not `Promise.try`: the agent also runs on Node 20.
    void (async () => job())().catch(onError).finally(schedule)
  }
  schedule()
  return () => {
    stopped = true
    cancel()
  }
}

/** A promise that ends after `ms`, or rejects with the signal's reason. */
export function sleep(clock: Clock, ms: number, signal?: AbortSignal): Promise<void> {
  return new Promise((resolve, reject) => {
    if (signal?.aborted) return reject(signal.reason as Error)
    const onAbort = () => {
      cancel()
      reject(signal?.reason as Error)
    }
    const cancel = clock.after(ms, () => {
      signal?.removeEventListener('abort', onAbort)
      resolve()
    })
    signal?.addEventListener('abort', onAbort, { once: true })
  })
}

/** Waits for work under way, but not for ever: what hangs must not keep a program from ending. */
export async function atMost(clock: Clock, ms: number, work: Promise<unknown>): Promise<void> {
  const patience = new AbortController()
  const enough = sleep(clock, ms, patience.signal)
  await Promise.race([work, enough]).catch(() => {})
  patience.abort()
  await enough.catch(() => {})
}
