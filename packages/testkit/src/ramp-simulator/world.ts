import type { EvidenceWindow, SideWindow } from '@crossfade/core/guardrail/evidence'
import { WHOLE, type Share } from '@crossfade/core/model'
import { LatencySketch } from '@crossfade/core/sketch'
import { emptyTally } from '@crossfade/core/tally'
import type { Chance } from './chance.ts'

/** How much traffic there is at a time of day. */
export type Traffic = 'steady' | 'daily' | 'bursts' | 'nothing-at-night'

export type FaultKind =
  | 'error-step'
  | 'all-errors'
  | 'all-404'
  | 'slow-drift'
  | 'legacy-worse'
  | 'both-worse'
  | 'missing-metrics'
  | 'late-batches'

export interface Fault {
  readonly kind: FaultKind
  readonly from: number
  readonly to: number
}

export interface World {
  readonly traffic: Traffic
  readonly perSecond: number
  readonly errorRate: number
  readonly clientErrorRate: number
  readonly medianMs: number
  readonly faults: readonly Fault[]
}

const DAY = 86_400_000
const HOUR = 3_600_000
/** More latencies than this of one window say nothing more. */
const LATENCIES = 20

export function isFaulty(world: World, kind: FaultKind, at: number): boolean {
  return world.faults.some((fault) => fault.kind === kind && at >= fault.from && at < fault.to)
}

/** Requests a second at a time. */
export function rateAt({ traffic, perSecond }: World, at: number, chance: Chance): number {
  const day = (at % DAY) / DAY
  switch (traffic) {
    case 'steady':
      return perSecond
    case 'daily':
      return perSecond * (1 + 0.9 * Math.sin(2 * Math.PI * day))
    case 'bursts':
      return chance.is(0.02) ? perSecond * 10 : perSecond * 0.5
    case 'nothing-at-night':
      return day < 0.3 ? 0 : perSecond
  }
}

/** What both sides did from `at` on, at this share. */
export function simulateWindow(
  world: World,
  share: Share,
  at: number,
  seconds: number,
  chance: Chance,
): EvidenceWindow {
  const requests = chance.poisson(rateAt(world, at, chance) * seconds)
  const fresh = chance.binomial(requests, share / WHOLE)
  return {
    at,
    seconds,
    legacy: simulateSide(world, 'legacy', requests - fresh, at, chance),
    new: simulateSide(world, 'new', fresh, at, chance),
    breakerOpenings: 0,
    shadow: null,
    ledgerLagSeconds: null,
    external: {},
  }
}

function simulateSide(
  world: World,
  side: 'legacy' | 'new',
  requests: number,
  at: number,
  chance: Chance,
): SideWindow {
  const has = (kind: FaultKind) => isFaulty(world, kind, at)
  let errorRate = world.errorRate
  let clientErrorRate = world.clientErrorRate
  if (side === 'new' && has('error-step')) errorRate *= 8
  if (side === 'new' && has('all-errors')) errorRate = 1
  if (side === 'new' && has('all-404')) clientErrorRate = 1
  if (has('both-worse')) errorRate = Math.max(errorRate, 0.2)
  if (side === 'legacy' && has('legacy-worse')) errorRate = 0.6
  const errors = chance.binomial(requests, errorRate)
  const clientErrors = chance.binomial(requests - errors, clientErrorRate)
  return {
    tally: {
      ...emptyTally(),
      requests,
      statuses: [0, requests - errors - clientErrors, 0, clientErrors, errors],
    },
    latency: latencies(world, side, requests, at, chance),
  }
}

function latencies(world: World, side: 'legacy' | 'new', requests: number, at: number, chance: Chance) {
  const drift =
    side === 'new' ? world.faults.find(({ kind, from }) => kind === 'slow-drift' && at >= from) : undefined
  const slower = drift === undefined ? 1 : 1 + Math.min(4, (at - drift.from) / HOUR)
  const sketch = new LatencySketch()
  for (let i = 0; i < Math.min(requests, LATENCIES); i++)
    sketch.add(world.medianMs * slower * Math.exp(0.5 * chance.normal()))
  return sketch
}
