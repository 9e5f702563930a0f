import { Problem } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'
import { createWindows, secondsLeft } from './windows.ts'

/** Slows guessing: failures count per address and person, and per address alone. Success forgets the former. */
export interface SignInThrottle {
  /** Throws `rate_limited` with the seconds to wait. Counts this attempt as failed until told otherwise. */
  enter(ip: string, email: string): void
  succeeded(ip: string, email: string): void
}

const windowMs = 5 * 60_000
const forPeople = { person: 10, address: 100 }
/** A whole fleet may start at once behind one address, with one token. */
export const forJoins = { person: 100, address: 500 }

export function createSignInThrottle(clock: Clock, limits = forPeople): SignInThrottle {
  const windows = createWindows(clock, windowMs)
  return {
    enter(ip, email) {
      const person = windows.of(`${ip} ${email}`)
      const address = windows.of(ip)
      const full = person.count >= limits.person ? person : address.count >= limits.address ? address : null
      if (full) throw new Problem('rate_limited', { extra: { retryAfter: secondsLeft(full, clock) } })
      person.count += 1
      address.count += 1
    },
    succeeded(ip, email) {
      windows.forget(`${ip} ${email}`)
      const address = windows.of(ip)
      address.count = Math.max(0, address.count - 1)
    },
  }
}
