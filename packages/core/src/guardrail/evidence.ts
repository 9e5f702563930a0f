import type { LatencySketch } from '../sketch.ts'
import { errorsOf, type Tally } from '../tally.ts'
import type { Side } from '../model.ts'
import type { Metric } from './model.ts'

/** Comparable traffic of one side in one window: split by the share, never steered, shadow or health checks. */
export interface SideWindow {
  readonly tally: Tally
  /** Null in windows that carry counts only. */
  readonly latency: LatencySketch | null
}

/** What all agents together reported about one mapping, or one kind of its clients, for one span of time. */
export interface EvidenceWindow {
  /** Its start, ms since the epoch in the control plane's clock. */
  readonly at: number
  readonly seconds: number
  readonly legacy: SideWindow
  readonly new: SideWindow
  /** Times breakers of new opened; null where nobody said. */
  readonly breakerOpenings: number | null
  readonly shadow: { readonly compared: number; readonly differing: number } | null
  readonly ledgerLagSeconds: number | null
  /** By the metric's name. */
  readonly external: Readonly<Record<string, { readonly legacy: number | null; readonly new: number | null }>>
}

/** `bad` of `all` requests; or one value, where `all` says how many went into it. */
export interface Counts {
  readonly bad: number
  readonly all: number
}

export const NOTHING: Counts = { bad: 0, all: 0 }

export function plus(a: Counts, b: Counts): Counts {
  return { bad: a.bad + b.bad, all: a.all + b.all }
}

export function rateOf({ bad, all }: Counts): number | null {
  return all === 0 ? null : bad / all
}

/**
 * What a metric that counts requests says about one side of a window; null where the window does not say.
 * `slowerThan` (ms) is what makes a request bad for latencies.
 */
export function countsOf(
  metric: Metric,
  window: EvidenceWindow,
  side: Side,
  slowerThan: number | null,
): Counts | null {
  const { tally, latency } = window[side]
  switch (metric.kind) {
    case 'error-rate':
      return { bad: errorsOf(tally), all: tally.requests }
    case 'client-error-rate':
      // Of those that did not fail: a side that answers 500 instead of 404 is no better for it.
      return { bad: tally.statuses[3], all: Math.max(tally.statuses[3], tally.requests - errorsOf(tally)) }
    case 'timeout-rate':
      return { bad: tally.failures.timeout, all: tally.requests }
    case 'latency':
      if (latency === null || slowerThan === null) return null
      return { bad: latency.countAbove(slowerThan), all: latency.count }
    case 'mismatch-rate':
      if (side === 'legacy' || window.shadow === null) return null
      return { bad: window.shadow.differing, all: window.shadow.compared }
    case 'breaker-openings':
    case 'ledger-lag':
    case 'external':
      return null
  }
}

/** What a metric that is a value, not a part of requests, says; null where the window does not say. */
export function valueOf(metric: Metric, window: EvidenceWindow, side: Side): number | null {
  switch (metric.kind) {
    case 'breaker-openings':
      return side === 'new' ? window.breakerOpenings : null
    case 'ledger-lag':
      return side === 'new' ? window.ledgerLagSeconds : null
    case 'external':
      return window.external[metric.name]?.[side] ?? null
    default:
      return null
  }
}

/** Whether a metric is a part of requests, so that chance can be reckoned with. */
export function countsRequests(metric: Metric): boolean {
  return metric.kind !== 'breaker-openings' && metric.kind !== 'ledger-lag' && metric.kind !== 'external'
}
