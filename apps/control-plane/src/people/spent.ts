import type { Clock } from '@crossfade/runtime/clock'

/** What was used once on this control plane and must not be again, while the database cannot say it. */
export interface Spent {
  /** False when it was spent before. `expiresAt` in ms: from then on it is refused for its age. */
  spend(id: string, expiresAt: number): boolean
}

export function createSpent(clock: Clock): Spent {
  /** In the order of spending, and so nearly in the order of expiry. */
  const known = new Map<string, number>()

  return {
    spend(id, expiresAt) {
      for (const [oldest, until] of known) {
        if (until > clock.now()) break
        known.delete(oldest)
      }
      if (known.has(id)) return false
      known.set(id, expiresAt)
      return true
    },
  }
}
