import { countWords, fractionWords, plain } from '../words.ts'
import { countsOf, NOTHING, plus, rateOf, type EvidenceWindow } from './evidence.ts'
import { LatencySketch } from '../sketch.ts'

/** A target for new that was written before the ramp began, shown as met or not at each stage and at the end. */
export interface AcceptanceCriterion {
  readonly id: string
  readonly metric:
    | { readonly kind: 'error-rate' | 'client-error-rate' | 'mismatch-rate' }
    | { readonly kind: 'latency'; readonly quantile: 0.5 | 0.95 | 0.99 }
  /** A fraction, or ms for latency. */
  readonly atMost: number
  /** Requests on new that it takes to say anything. */
  readonly minimumSample: number
}

export interface AcceptanceResult {
  readonly criterionId: string
  /** Null while there are too few requests. */
  readonly met: boolean | null
  readonly measured: number | null
  readonly sample: number
  readonly words: string
}

/** Over the windows of one stage, or of the whole ramp. */
export function accept(criterion: AcceptanceCriterion, windows: readonly EvidenceWindow[]): AcceptanceResult {
  const { metric, atMost, minimumSample, id } = criterion
  const { measured, sample } = metric.kind === 'latency' ? quantileOf(windows, metric.quantile) : rate()
  const isEnough = measured !== null && sample >= minimumSample
  const met = isEnough ? measured <= atMost : null
  return { criterionId: id, met, measured, sample, words: words() }

  function rate() {
    const counts = windows
      .map((window) => countsOf(metric, window, 'new', null) ?? NOTHING)
      .reduce(plus, NOTHING)
    return { measured: rateOf(counts), sample: counts.all }
  }

  function words(): string {
    const number = (value: number) =>
      metric.kind === 'latency' ? `${plain(value)} ms` : fractionWords(value)
    const target = `${NAMES[metric.kind]}${metric.kind === 'latency' ? ` p${metric.quantile * 100}` : ''} at most ${number(atMost)}`
    if (!isEnough) return `${target}: ${countWords(sample)} of ${countWords(minimumSample)} requests so far`
    return `${target}: ${met === true ? 'met' : 'not met'}, ${number(measured)} over ${countWords(sample)} requests`
  }
}

const NAMES = {
  'error-rate': 'Errors',
  'client-error-rate': 'Client errors',
  'mismatch-rate': 'Differing answers',
  latency: 'Latency',
} as const

function quantileOf(windows: readonly EvidenceWindow[], quantile: number) {
  const sketch = new LatencySketch()
  for (const { new: fresh } of windows) if (fresh.latency !== null) sketch.merge(fresh.latency)
  return { measured: sketch.quantile(quantile), sample: sketch.count }
}
