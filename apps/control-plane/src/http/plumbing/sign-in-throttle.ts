import { Problem } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'

/** Slows guessing: failures count per address and person, and per address alone. Success forgets the former. */
export interface SignInThrottle {
  /** Throws `rate_limited` with the seconds to wait. Counts this attempt as failed until told otherwise. */
  enter(ip: string, email: string): void
  succeeded(ip: string, email: string): void
}

const windowMs = 5 * 60_000
const mostEntries = 20_000
const forPeople = { person: 10, address: 100 }
/** A whole fleet may start at once behind one address, with one token. */
export const forJoins = { person: 100, address: 500 }

export function createSignInThrottle(clock: Clock, limits = forPeople): SignInThrottle {
  const windows = new Map<string, { until: number; failures: number }>()

  const windowOf = (key: string) => {
    const open = windows.get(key)
    if (open && open.until > clock.now()) return open
    const fresh = { until: clock.now() + windowMs, failures: 0 }
    windows.delete(key)
    windows.set(key, fresh)
    const oldest = windows.keys().next()
    if (windows.size > mostEntries && !oldest.done) windows.delete(oldest.value)
    return fresh
  }

  return {
    enter(ip, email) {
      const person = windowOf(`${ip} ${email}`)
      const address = windowOf(ip)
      const full =
        person.failures >= limits.person ? person : address.failures >= limits.address ? address : null
      if (full) {
        const retryAfter = Math.ceil((full.until - clock.now()) / 1000)
        throw new Problem('rate_limited', { extra: { retryAfter } })
      }
      person.failures += 1
      address.failures += 1
    },
    succeeded(ip, email) {
      windows.delete(`${ip} ${email}`)
      const address = windowOf(ip)
      address.failures = Math.max(0, address.failures - 1)
    },
  }
}
