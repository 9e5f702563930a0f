import type { Clock } from '@crossfade/runtime/clock'

/** One limit at a time: setting the next one lifts the last. */
export interface Deadline {
  set(ms: number, passed: () => void): void
  clear(): void
}

export function createDeadline(clock: Clock): Deadline {
  let cancel = () => {}
  return {
    set(ms, passed) {
      cancel()
      cancel = clock.after(ms, passed)
    },
    clear() {
      cancel()
      cancel = () => {}
    },
  }
}
