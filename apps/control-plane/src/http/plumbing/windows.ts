import type { Clock } from '@crossfade/runtime/clock'

/** How often something happened since its window opened. */
export interface Window {
  /** When it closes, by the clock. */
  readonly until: number
  count: number
}

const entries = 20_000

/** A window of fixed length for each key; the oldest keys are forgotten where there are too many. */
export function createWindows(clock: Clock, lengthMs: number) {
  const windows = new Map<string, Window>()
  return {
    of(key: string): Window {
      const open = windows.get(key)
      if (open && open.until > clock.now()) return open
      const fresh = { until: clock.now() + lengthMs, count: 0 }
      windows.delete(key)
      windows.set(key, fresh)
      const oldest = windows.keys().next()
      if (windows.size > entries && !oldest.done) windows.delete(oldest.value)
      return fresh
    },
    forget: (key: string): void => void windows.delete(key),
  }
}

/** Whole seconds until a window closes, for `Retry-After`. */
export function secondsLeft({ until }: Window, clock: Clock): number {
  return Math.max(1, Math.ceil((until - clock.now()) / 1000))
}
