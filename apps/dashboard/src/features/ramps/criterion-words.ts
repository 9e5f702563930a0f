import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { countWords, fractionWords, plain } from '@crossfade/core/words'

export type Criterion = RampDetail['acceptance'][number]

const names = {
  'error-rate': 'Errors',
  'client-error-rate': 'Client errors (4xx)',
  'mismatch-rate': 'Differing answers',
} as const

/** `Latency p95 at most 250 ms, over at least 100 requests`. */
export function criterionWords({ metric, atMost, minimumSample }: Criterion): string {
  const what = metric.kind === 'latency' ? `Latency p${metric.quantile * 100}` : names[metric.kind]
  const target = metric.kind === 'latency' ? `${plain(atMost)} ms` : fractionWords(atMost)
  return `${what} at most ${target}, over at least ${countWords(minimumSample)} requests`
}
