import type { Service } from '../model.ts'

export type OutlierPolicy = NonNullable<Service['outlier']>

/** What is remembered of one instance of a service. */
export interface InstanceHealth {
  /** By its active health check; true without one. */
  checked: boolean
  failuresInARow: number
  /** Times it was left out, forgotten when it has done well for a while. */
  ejections: number
  ejectedUntil: number
  /** When it last came (back) into use; slow start counts from here. Null: it was there from the start. */
  backSince: number | null
}

export function freshInstance(): InstanceHealth {
  return { checked: true, failuresInARow: 0, ejections: 0, ejectedUntil: 0, backSince: null }
}

const LONGEST_EJECTION_MS = 300_000
const FORGIVEN_AFTER_MS = 60_000

/**
 * Notes what became of a request on an instance; true when the instance is to be left out from now on. It never
 * is when too many others are: a service that fails as a whole is the breaker's business.
 */
export function noteResult(
  instance: InstanceHealth,
  succeeded: boolean,
  now: number,
  policy: OutlierPolicy,
  others: Iterable<InstanceHealth>,
): boolean {
  if (succeeded) {
    instance.failuresInARow = 0
    if (instance.ejections > 0 && now > instance.ejectedUntil + FORGIVEN_AFTER_MS) instance.ejections = 0
    return false
  }
  instance.failuresInARow += 1
  if (instance.failuresInARow < policy.consecutiveFailures || now < instance.ejectedUntil) return false
  let total = 0
  let out = 1
  for (const other of others) {
    total += 1
    if (other !== instance && now < other.ejectedUntil) out += 1
  }
  if (total < 2 || out * 100 > total * policy.maxEjectedPercent) return false
  instance.failuresInARow = 0
  instance.ejections += 1
  instance.ejectedUntil = now + Math.min(LONGEST_EJECTION_MS, policy.baseEjectionMs * instance.ejections)
  instance.backSince = instance.ejectedUntil
  return true
}

/** Whether an instance should get requests, as far as its own record tells. */
export function isUsable(instance: InstanceHealth, now: number): boolean {
  return instance.checked && now >= instance.ejectedUntil
}
