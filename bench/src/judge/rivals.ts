import type { EvidenceWindow } from '@crossfade/core/guardrail/evidence'
import { LatencySketch } from '@crossfade/core/sketch'

/** A rule that looks at new alone, once a minute; true where it would roll back. */
export interface Rule {
  readonly name: string
  /** Begins a ramp: returns what to feed minute after minute. */
  readonly begin: () => (minute: Minute) => boolean
}

export interface Minute {
  readonly requests: number
  readonly errors: number
  readonly p95: number | null
}

export type Measure = 'errors' | 'p95'

/** Windows of new as the minute that a query over one minute would see. */
export function minuteOf(windows: readonly EvidenceWindow[]): Minute {
  const latency = new LatencySketch()
  let requests = 0
  let errors = 0
  for (const { new: fresh } of windows) {
    requests += fresh.tally.requests
    errors += fresh.tally.statuses[4]
    if (fresh.latency !== null) latency.merge(fresh.latency)
  }
  return { requests, errors, p95: latency.quantile(0.95) }
}

/** What a threshold is compared with; null without requests. */
export function valueOf({ requests, errors, p95 }: Minute, measure: Measure): number | null {
  if (requests === 0) return null
  return measure === 'errors' ? errors / requests : p95
}

/**
 * Argo Rollouts' analysis with `interval: 1m`, `failureLimit: 0`: the first measurement beyond the threshold ends it.
 * Without requests the measurement is left out (Argo: an error, tolerated four times in a row).
 */
export function argo(measure: Measure, threshold: number): Rule {
  return {
    name: 'Argo: first minute beyond',
    begin: () => (minute) => (valueOf(minute, measure) ?? 0) > threshold,
  }
}

/**
 * Flagger's `interval: 1m`, `threshold: 5`: five failed checks, counted over the whole run and never forgotten. A
 * minute without requests would count as failed too; that is left out here, in its favour.
 */
export function flagger(measure: Measure, threshold: number): Rule {
  return {
    name: 'Flagger: five minutes beyond',
    begin: () => {
      let failed = 0
      return (minute) => {
        if ((valueOf(minute, measure) ?? 0) > threshold) failed++
        return failed >= 5
      }
    },
  }
}
