/**
 * Guardrails (rules 15-17): limits on how the new side may behave, and what judging them says. Types only, all of
 * them plain JSON. Who judges: `judge.ts`. Who obeys: `ramp/tick.ts`. In words for people: docs/ramps.md.
 */

/** `fail` acts as the guardrail says; `inconclusive` (too few requests) and `error` (no numbers) only hold. */
export type Verdict = 'pass' | 'fail' | 'inconclusive' | 'error'

/** What is measured. Rates are fractions of requests (0…1), latencies ms, `breaker-openings` a count. */
export type Metric =
  /** 5xx, timeouts, connection and protocol failures. */
  | { readonly kind: 'error-rate' }
  | { readonly kind: 'client-error-rate' }
  | { readonly kind: 'timeout-rate' }
  | { readonly kind: 'latency'; readonly quantile: 0.5 | 0.95 | 0.99 }
  /** How often breakers of new opened in the window, over all agents. */
  | { readonly kind: 'breaker-openings' }
  /** Part of the compared shadow answers that differ. */
  | { readonly kind: 'mismatch-rate' }
  /** Age of the oldest replicated write that is not through, in seconds. */
  | { readonly kind: 'ledger-lag' }
  /** A Prometheus query or a pushed value, per side; higher is worse. */
  | { readonly kind: 'external'; readonly name: string }

/** How much is too much. */
export type Limit =
  /**
   * Of new alone, in the metric's unit, over the window. A window beyond it is a breach; more than `tolerates`
   * breaches among the last `outOf` windows fail. `tolerates: 0` fails on the first.
   */
  | { readonly kind: 'absolute'; readonly max: number; readonly tolerates: number; readonly outOf: number }
  /**
   * Against legacy over the same minutes. Rates: new may have up to `factor` × legacy's rate + `plus`. Latency:
   * legacy's quantile × `factor` (1.1 is 10 % slower) may be exceeded by no larger part of new's requests than
   * legacy's quantile by legacy's, plus `plus`. External values: `factor` × legacy's value + `plus`, over windows.
   */
  | {
      readonly kind: 'against-legacy'
      readonly factor: number
      readonly plus: number
      /** For external values, which are no counts of requests; else without effect. */
      readonly tolerates: number
      readonly outOf: number
    }

/** `alert` tells and holds nothing; `pause` stops the ramp where it is; `roll-back` sends everyone to legacy. */
export type GuardrailAction = 'alert' | 'pause' | 'roll-back'

export interface Guardrail {
  readonly id: string
  readonly name: string
  readonly metric: Metric
  readonly limit: Limit
  /** One kind of client (rule 28), or null for all traffic. */
  readonly client: string | null
  /** What absolute limits, counts and values are measured over. */
  readonly windowMs: number
  /** Requests per side that it takes to say anything; for absolute limits of new alone, within the window. */
  readonly minimumSample: number
  readonly action: GuardrailAction
  /** Judged and recorded, never acted on. */
  readonly dryRun: boolean
}

/** What one guardrail says now about one mapping. Complete enough to stand in the audit by itself. */
export interface Judgement {
  /** Of the guardrail, the mapping and the kind of client: the same from tick to tick. */
  readonly key: string
  readonly guardrailId: string
  readonly mappingId: string
  readonly name: string
  readonly action: GuardrailAction
  readonly dryRun: boolean
  readonly verdict: Verdict
  readonly unit: 'fraction' | 'count' | 'seconds' | 'value'
  /** Of new, in the unit; null without numbers. */
  readonly measured: number | null
  /** Of legacy over the same time, where it is compared. */
  readonly legacy: number | null
  /** What `measured` may be at most, in the same unit (against legacy: at legacy's measured rate). */
  readonly limit: number | null
  /** Where new's true rate lies, at any time and with the guardrail's part of the error budget; null for windows. */
  readonly interval: { readonly low: number; readonly high: number } | null
  readonly sample: { readonly legacy: number; readonly new: number }
  readonly minimumSample: number
  /** Windows beyond an absolute limit among the last `outOf`. */
  readonly breaches: number | null
  /** All of it in one sentence. */
  readonly words: string
}
