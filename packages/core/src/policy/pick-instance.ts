import { isUsable, type InstanceHealth } from './outlier.ts'

export interface Candidate {
  readonly health: InstanceHealth
  /** Requests under way. */
  readonly inFlight: number
}

/** The least an instance gets when it comes back. */
const LEAST_WEIGHT = 0.1

/**
 * The instance with the fewest requests under way for its weight, among those in use; among all when none is
 * (panic: an unhealthy answer is better than none). `start` in [0, 1) makes equally idle ones take turns. `not` is
 * left aside while there is another. Null when there is none at all.
 */
export function pickInstance<T extends Candidate>(
  candidates: readonly T[],
  now: number,
  start: number,
  slowStartMs: number,
  not: T | null = null,
): T | null {
  if (candidates.length <= 1) return candidates[0] ?? null
  return (
    leastBusy(candidates, now, start, slowStartMs, (one) => one !== not && isUsable(one.health, now)) ??
    leastBusy(candidates, now, start, slowStartMs, (one) => one !== not) ??
    null
  )
}

function leastBusy<T extends Candidate>(
  candidates: readonly T[],
  now: number,
  start: number,
  slowStartMs: number,
  fits: (candidate: T) => boolean,
): T | null {
  const offset = Math.floor(start * candidates.length)
  let best: T | null = null
  let least = Number.POSITIVE_INFINITY
  for (let i = 0; i < candidates.length; i++) {
    const candidate = candidates[(offset + i) % candidates.length]
    if (candidate === undefined || !fits(candidate)) continue
    const load = (candidate.inFlight + 1) / weightOf(candidate.health, now, slowStartMs)
    if (load < least) {
      least = load
      best = candidate
    }
  }
  return best
}

/** Rises to 1 in a straight line over `slowStartMs` after it came back. */
export function weightOf({ backSince }: InstanceHealth, now: number, slowStartMs: number): number {
  if (backSince === null || slowStartMs === 0 || now >= backSince + slowStartMs) return 1
  return Math.max(LEAST_WEIGHT, (now - backSince) / slowStartMs)
}
