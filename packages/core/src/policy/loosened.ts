import { SIDES, type Policy, type RateLimit, type Side } from '../model.ts'
import { same } from '../same.ts'

/**
 * Whether `after` protects less than `before` in anything that touches a side with traffic (rule 21). What is
 * neither clearly more nor clearly less, such as another window, counts as less.
 */
export function isLoosened(before: Policy, after: Policy, hasTraffic: (side: Side) => boolean): boolean {
  const sides = SIDES.filter(hasTraffic)
  if (sides.length === 0) return false
  return (
    isBreakerLoosened(before, after) ||
    isHigher(before.bodyLimitBytes, after.bodyLimitBytes) ||
    sides.some((side) => isHigher(before.concurrency[side], after.concurrency[side])) ||
    before.limits.some((limit) => limitsSides(limit, sides) && !isKept(limit, after.limits)) ||
    (after.idempotentWrites && !before.idempotentWrites) ||
    (hasTraffic('new') && isFallbackLoosened(before, after))
  )
}

function isBreakerLoosened({ breaker: before }: Policy, { breaker: after }: Policy): boolean {
  if (before === null) return false
  return (
    after === null ||
    after.failurePercent > before.failurePercent ||
    after.minimumSample > before.minimumSample ||
    after.windowMs !== before.windowMs ||
    after.openMs < before.openMs
  )
}

/** Null is no limit. */
function isHigher(before: number | null, after: number | null): boolean {
  return before !== null && (after === null || after > before)
}

function limitsSides({ side }: RateLimit, sides: readonly Side[]): boolean {
  return side === null || sides.includes(side)
}

/** One of the limits, whatever it is called, lets through no more than this one did. */
function isKept(limit: RateLimit, limits: readonly RateLimit[]): boolean {
  return limits.some(
    ({ key, side, perSecond, burst }) =>
      same(key, limit.key) &&
      (side === null || side === limit.side) &&
      perSecond <= limit.perSecond &&
      burst <= limit.burst,
  )
}

/** What legacy answered when new failed would now be failures of new. */
function isFallbackLoosened(before: Policy, after: Policy): boolean {
  return (
    (before.safeFallback && !after.safeFallback) ||
    before.readThrough.some((status) => !after.readThrough.includes(status))
  )
}
