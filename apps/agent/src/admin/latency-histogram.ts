import { Histogram } from '@prometheus-io/client'
import { latencyBoundsMs, zeroLatency, type LatencyCounts } from '../stats/series.ts'

interface Labels {
  readonly mapping: string
  readonly side: string
}
type Add = (labels: Labels, latency: LatencyCounts) => void

/**
 * A histogram whose counts exist already: the request path counts into plain arrays, and only the page pays
 * for labels. `collectFrom` adds everything, at each reading.
 */
export class LatencyHistogram extends Histogram<'mapping' | 'side' | 'le'> {
  readonly #name: string
  readonly #help: string
  readonly #collectFrom: (add: Add) => void

  constructor(name: string, help: string, collectFrom: (add: Add) => void) {
    super({ name, help, registers: [] })
    this.#name = name
    this.#help = help
    this.#collectFrom = collectFrom
  }

  /** What the registry asks for, and `get` too; the library's own would read its own, empty counts. */
  async getForPromString() {
    const sums = new Map<string, { readonly labels: Labels; readonly latency: LatencyCounts }>()
    this.#collectFrom((labels, latency) => {
      const key = `${labels.side} ${labels.mapping}`
      const sum = sums.get(key) ?? { labels, latency: zeroLatency() }
      sums.set(key, sum)
      for (const [index, count] of latency.buckets.entries()) sum.latency.buckets[index]! += count
      sum.latency.sumMs += latency.sumMs
      sum.latency.count += latency.count
    })
    return {
      name: this.#name,
      help: this.#help,
      type: 'histogram',
      aggregator: 'sum',
      values: [...sums.values()].flatMap(({ labels, latency }) => this.#lines(labels, latency)),
    }
  }

  #lines(labels: Labels, { buckets, sumMs, count }: LatencyCounts) {
    const name = this.#name
    let below = 0
    const bounds = [...latencyBoundsMs.map((ms) => String(ms / 1000)), '+Inf']
    return [
      ...bounds.map((le, index) => ({
        metricName: `${name}_bucket`,
        labels: { le, ...labels },
        value: (below += buckets[index] ?? 0),
      })),
      { metricName: `${name}_sum`, labels: { ...labels }, value: sumMs / 1000 },
      { metricName: `${name}_count`, labels: { ...labels }, value: count },
    ]
  }
}
