import { countWords, durationWords, fractionWords, plain } from '@crossfade/core/words'
import type { GuardrailDraft } from './ramp-draft.ts'

export type MetricDraft = GuardrailDraft['metric']

/** What can be measured, by a key that fits a select box. */
export const metricChoices: readonly { value: string; label: string; metric: MetricDraft }[] = [
  {
    value: 'error-rate',
    label: 'Errors (5xx, timeouts, broken connections)',
    metric: { kind: 'error-rate' },
  },
  { value: 'client-error-rate', label: 'Client errors (4xx)', metric: { kind: 'client-error-rate' } },
  { value: 'timeout-rate', label: 'Timeouts', metric: { kind: 'timeout-rate' } },
  { value: 'p50', label: 'Latency p50', metric: { kind: 'latency', quantile: 0.5 } },
  { value: 'p95', label: 'Latency p95', metric: { kind: 'latency', quantile: 0.95 } },
  { value: 'p99', label: 'Latency p99', metric: { kind: 'latency', quantile: 0.99 } },
  { value: 'breaker-openings', label: 'Breaker openings', metric: { kind: 'breaker-openings' } },
  { value: 'mismatch-rate', label: 'Differing shadow answers', metric: { kind: 'mismatch-rate' } },
  { value: 'ledger-lag', label: 'Lag of replicated writes', metric: { kind: 'ledger-lag' } },
  { value: 'external', label: 'A metric of your own', metric: { kind: 'external', name: 'metric' } },
]

export function metricKey(metric: MetricDraft): string {
  return metric.kind === 'latency' ? `p${metric.quantile * 100}` : metric.kind
}

/** Legacy has no number of its own for these. */
export function isOfNewAlone(metric: MetricDraft): boolean {
  return metric.kind === 'breaker-openings' || metric.kind === 'mismatch-rate' || metric.kind === 'ledger-lag'
}

export type MetricUnit = 'percent' | 'ms' | 'count' | 'seconds' | 'value'

/** How people write an absolute limit of the metric. */
export function unitOf(metric: MetricDraft): MetricUnit {
  switch (metric.kind) {
    case 'latency':
      return 'ms'
    case 'breaker-openings':
      return 'count'
    case 'ledger-lag':
      return 'seconds'
    case 'external':
      return 'value'
    default:
      return 'percent'
  }
}

/** A guardrail as a sentence, as it is read back while it is edited. */
export function guardrailSentence(guardrail: GuardrailDraft): string {
  const { client, minimumSample } = guardrail
  const whom = client === null ? '' : ` of ${client} clients`
  return `${nameOf(guardrail.metric)}${whom}: ${limitWords(guardrail)}, judged from ${countWords(minimumSample)} requests on; beyond it, ${consequence(guardrail)}.`
}

function nameOf(metric: MetricDraft): string {
  if (metric.kind === 'external') return metric.name
  return metricChoices.find(({ value }) => value === metricKey(metric))?.label ?? metric.kind
}

function limitWords({ limit, metric, windowMs }: GuardrailDraft): string {
  if (limit.kind === 'absolute') {
    const often = limit.tolerates === 0 ? '' : ` in more than ${limit.tolerates} of ${limit.outOf} windows`
    return `at most ${amountWords(metric, limit.max)} over ${durationWords(windowMs)}${often}`
  }
  const worse = fractionWords(limit.factor - 1)
  if (metric.kind === 'latency') return `at most ${worse} slower than legacy${tolerance(limit.plus)}`
  if (metric.kind === 'external')
    return `at most ${worse} above legacy${limit.plus > 0 ? ` plus ${plain(limit.plus)}` : ''}`
  const plus = limit.plus > 0 ? ` plus ${plain(limit.plus * 100)} points` : ''
  return `at most ${worse} above legacy${plus}`
}

function tolerance(plus: number): string {
  return plus > 0 ? ` (${fractionWords(plus)} of requests tolerated)` : ''
}

function amountWords(metric: MetricDraft, amount: number): string {
  switch (unitOf(metric)) {
    case 'percent':
      return fractionWords(amount)
    case 'ms':
      return `${plain(amount)} ms`
    case 'seconds':
      return `${plain(amount)} s`
    case 'count':
    case 'value':
      return plain(amount)
  }
}

function consequence({ action, dryRun }: GuardrailDraft): string {
  if (dryRun) return 'it is only recorded'
  return { alert: 'people are told', pause: 'the ramp pauses', 'roll-back': 'everybody goes back to legacy' }[
    action
  ]
}
