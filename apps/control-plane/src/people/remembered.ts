import { Problem } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'

/** What a lookup found, and whether the database said so just now. */
export interface Found<T> {
  readonly value: T | null
  readonly remembered: boolean
}

export interface Memory<T> {
  /** Asks; when the database does not answer in time, what it said last about this key, if it said anything. */
  find(key: string, lookUp: () => Promise<T | null>): Promise<Found<T>>
  forget(which: (value: T, key: string) => boolean): void
}

const limits = { answerMs: 2_000, keepMs: 12 * 3_600_000, entries: 10_000 } as const

/**
 * Who somebody is must be known while the database is away too, or nobody could roll back then (rule 19).
 * Only yes is remembered, only from this process, and only what the database said itself.
 */
export function createMemory<T>(clock: Clock): Memory<T> {
  const known = new Map<string, { readonly value: T; readonly at: number }>()

  const remember = (key: string, value: T | null) => {
    known.delete(key)
    if (value === null) return
    known.set(key, { value, at: clock.now() })
    const oldest = known.keys().next()
    if (known.size > limits.entries && !oldest.done) known.delete(oldest.value)
  }

  return {
    async find(key, lookUp) {
      try {
        const value = await within(clock, limits.answerMs, lookUp())
        remember(key, value)
        return { value, remembered: false }
      } catch (error) {
        const last = known.get(key)
        if (!last || clock.now() - last.at >= limits.keepMs || !isAway(error)) throw error
        return { value: last.value, remembered: true }
      }
    },
    forget(which) {
      for (const [key, { value }] of known) if (which(value, key)) known.delete(key)
    },
  }
}

/** Whether the database is what did not answer. */
export function isAway(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable'
}

function within<T>(clock: Clock, ms: number, work: Promise<T>): Promise<T> {
  return new Promise((resolve, reject) => {
    const cancel = clock.after(ms, () => reject(new Problem('store_unavailable')))
    work.then(resolve, reject).finally(cancel)
  })
}
