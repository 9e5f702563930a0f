import { attributeOf } from '@crossfade/core/conditions'
import type { BreakerPolicy, Mapping, RateLimit, RequestFacts, Side } from '@crossfade/core/model'
import { Breaker, type Admission, type BreakerState, type Transition } from '@crossfade/core/policy/breaker'
import { KeyedBuckets, TokenBucket } from '@crossfade/core/policy/token-bucket'

/** What this agent remembers of one mapping to protect it. Outlives snapshots, part by part. */
export interface MappingGuard {
  /** Takes over a mapping's latest policy, keeping what is not affected. */
  adopt(mapping: Mapping): void
  /** 0 when all limits let the request through; else how long to wait, in ms. */
  overLimit(side: Side, facts: RequestFacts, now: number): number
  /** Nothing is open, slow or capped: any request may go where it was decided. */
  isQuiet(): boolean
  hasRoom(side: Side): boolean
  /** A `probe` must be followed by `settle`. */
  admit(side: Side, now: number): Admission
  /** Whether another try may go to a side now; asks for no probe. */
  isClosed(side: Side): boolean
  /** How long its breaker stays open, in ms. */
  waitMs(side: Side, now: number): number
  began(side: Side): void
  ended(side: Side): void
  /** What became of a request; null when it told nothing about the service. */
  settle(side: Side, succeeded: boolean | null, probe: boolean, now: number): void
  breakers(): readonly { readonly side: Side; readonly state: BreakerState }[]
  /** Requests of a side being answered. */
  inFlight(side: Side): number
}

export interface GuardParts {
  readonly random: () => number
  readonly onTransition: (mapping: Mapping, side: Side, transition: Transition) => void
}

interface SideGuard {
  breaker: Breaker | null
  /** What the breaker was made for: another service or policy gets another breaker. */
  made: string
  inFlight: number
}

interface Limiter {
  readonly limit: RateLimit
  readonly made: string
  readonly buckets: KeyedBuckets
}

export function createMappingGuard(first: Mapping, { random, onTransition }: GuardParts): MappingGuard {
  let mapping = first
  const sides: Record<Side, SideGuard> = {
    legacy: { breaker: null, made: '', inFlight: 0 },
    new: { breaker: null, made: '', inFlight: 0 },
  }
  let limiters: readonly Limiter[] = []

  const breakerFor = (side: Side, policy: BreakerPolicy | null) =>
    policy && new Breaker(policy, random, (transition) => onTransition(mapping, side, transition))
  const adopt = (next: Mapping) => {
    mapping = next
    const { policy } = next
    for (const side of ['legacy', 'new'] as const) {
      const made = JSON.stringify([next[side].serviceId, policy.breaker])
      if (sides[side].made === made) continue
      sides[side].made = made
      sides[side].breaker = breakerFor(side, policy.breaker)
    }
    limiters = policy.limits.map((limit) => {
      const made = JSON.stringify(limit)
      return limiters.find((one) => one.made === made) ?? { limit, made, buckets: bucketsFor(limit) }
    })
  }
  adopt(first)

  return {
    adopt,
    overLimit(side, facts, now) {
      for (const { limit, buckets } of limiters) {
        if (limit.side !== null && limit.side !== side) continue
        const key = limit.key === null ? '' : (attributeOf(limit.key, facts) ?? '')
        const waitMs = buckets.take(key, now)
        if (waitMs > 0) return waitMs
      }
      return 0
    },
    isQuiet() {
      const { concurrency } = mapping.policy
      if (concurrency.legacy !== null || concurrency.new !== null) return false
      return (sides.legacy.breaker?.isQuiet ?? true) && (sides.new.breaker?.isQuiet ?? true)
    },
    hasRoom(side) {
      const most = mapping.policy.concurrency[side]
      return most === null || sides[side].inFlight < most
    },
    admit: (side, now) => sides[side].breaker?.admit(now) ?? 'go',
    isClosed: (side) => (sides[side].breaker?.state ?? 'closed') === 'closed',
    waitMs: (side, now) => sides[side].breaker?.waitMs(now) ?? 0,
    began(side) {
      sides[side].inFlight += 1
    },
    ended(side) {
      sides[side].inFlight -= 1
    },
    settle(side, succeeded, probe, now) {
      const { breaker } = sides[side]
      if (succeeded !== null) breaker?.record(now, succeeded, probe)
      else if (probe) breaker?.abandon()
    },
    inFlight: (side) => sides[side].inFlight,
    breakers: () =>
      (['legacy', 'new'] as const).flatMap((side) => {
        const { breaker } = sides[side]
        return breaker === null ? [] : [{ side, state: breaker.state }]
      }),
  }
}

function bucketsFor({ perSecond, burst }: RateLimit): KeyedBuckets {
  return new KeyedBuckets(() => new TokenBucket(perSecond, burst))
}
