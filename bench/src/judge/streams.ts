import type { EvidenceWindow, SideWindow } from '@crossfade/core/guardrail/evidence'
import { LatencySketch } from '@crossfade/core/sketch'
import { emptyTally } from '@crossfade/core/tally'
import type { Chance } from '@crossfade/testkit/ramp-simulator/chance'

export type Fault = 'none' | 'errors-doubled' | 'p95-slower'

/** What a healthy service looks like before any fault. */
export interface Stream {
  readonly perSecond: number
  /** 0…1 of the traffic goes to new. */
  readonly part: number
  readonly errorRate: number
  readonly medianMs: number
  /** Both sides share bad minutes, as they share a database. */
  readonly isTroubled: boolean
  readonly fault: Fault
  readonly faultAt: number
}

const SIGMA = 0.5
/** Latencies beyond this many a window add nothing but time. */
const LATENCIES = 200
/** Of troubled streams: a bad spell of two minutes every four hours, with six points more errors on both sides. */
const SPELL_MS = 120_000
const SPELLS_MS = 4 * 3_600_000

/** Of mappings as different as real ones: error rates from 0.3 to 3 %, latencies from 10 to 300 ms. */
export function randomStream(
  perSecond: number,
  isTroubled: boolean,
  fault: Fault,
  faultAt: number,
  chance: Chance,
): Stream {
  return {
    perSecond,
    part: 0.25,
    errorRate: isTroubled ? 0.003 * 10 ** chance.random() : 0.01,
    medianMs: isTroubled ? 10 * 30 ** chance.random() : 80,
    isTroubled,
    fault,
    faultAt,
  }
}

export function windowOf(stream: Stream, at: number, seconds: number, chance: Chance): EvidenceWindow {
  const wave = stream.isTroubled ? 1 + 0.5 * Math.sin((2 * Math.PI * at) / 86_400_000) : 1
  const requests = chance.poisson(stream.perSecond * seconds * wave)
  const fresh = chance.binomial(requests, stream.part)
  return {
    at,
    seconds,
    legacy: sideOf(stream, 'legacy', requests - fresh, at, chance),
    new: sideOf(stream, 'new', fresh, at, chance),
    breakerOpenings: 0,
    shadow: null,
    ledgerLagSeconds: null,
    external: {},
  }
}

function sideOf(
  stream: Stream,
  side: 'legacy' | 'new',
  requests: number,
  at: number,
  chance: Chance,
): SideWindow {
  const isBad = side === 'new' && at >= stream.faultAt
  const spell = stream.isTroubled && at % SPELLS_MS >= SPELLS_MS - SPELL_MS
  const rate = stream.errorRate * (isBad && stream.fault === 'errors-doubled' ? 2 : 1) + (spell ? 0.06 : 0)
  const median = stream.medianMs * (isBad && stream.fault === 'p95-slower' ? 1.3 : 1) * (spell ? 1.5 : 1)
  const errors = chance.binomial(requests, rate)
  const latency = new LatencySketch()
  for (let i = Math.min(requests, LATENCIES); i > 0; i--)
    latency.add(median * Math.exp(SIGMA * chance.normal()))
  return { tally: { ...emptyTally(), requests, statuses: [0, requests - errors, 0, 0, errors] }, latency }
}
