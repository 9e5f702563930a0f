import type { SeriesSample, TallyShape } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import type { ClosedWindow } from './recorder.ts'
import { zeroLatency, zeroTally, type LatencyCounts } from './series.ts'

/** Everything one side of a mapping did since the agent started. */
export interface Total {
  readonly mappingId: string | null
  readonly side: Side
  readonly via: SeriesSample['via']
  readonly tally: TallyShape
  readonly latency: LatencyCounts
}

/** Ever-growing sums behind the metrics page; as many as there are mappings with traffic. */
export interface Totals {
  add(closed: ClosedWindow): void
  list(): readonly Total[]
  /** All requests since the start. */
  requests(): number
  /** Forgets mappings that are gone, so that years of changes do not pile up. */
  keepOnly(mappingIds: ReadonlySet<string>): void
}

export function createTotals(): Totals {
  const totals = new Map<string, Total>()

  let requests = 0

  const totalOf = ({ mappingId, side, via }: SeriesSample): Total => {
    const key = `${mappingId ?? ''} ${side} ${via}`
    const total = totals.get(key) ?? { mappingId, side, via, tally: zeroTally(), latency: zeroLatency() }
    totals.set(key, total)
    return total
  }

  return {
    add({ latencies }) {
      for (const { sample, latency } of latencies) {
        const total = totalOf(sample)
        requests += sample.tally.requests
        addTally(total.tally, sample.tally)
        addLatencies(total.latency, latency)
      }
    },
    list: () => [...totals.values()],
    requests: () => requests,
    keepOnly(mappingIds) {
      for (const [key, { mappingId }] of totals) {
        if (mappingId !== null && !mappingIds.has(mappingId)) totals.delete(key)
      }
    },
  }
}

function addTally(sum: TallyShape, more: TallyShape): void {
  sum.requests += more.requests
  sum.fallbacks += more.fallbacks
  sum.breakerOpenings += more.breakerOpenings
  sum.retries += more.retries
  sum.bytesIn += more.bytesIn
  sum.bytesOut += more.bytesOut
  for (const [index, count] of more.statuses.entries()) sum.statuses[index]! += count
  for (const kind of Object.keys(sum.failures) as (keyof TallyShape['failures'])[]) {
    sum.failures[kind] += more.failures[kind]
  }
}

function addLatencies(sum: LatencyCounts, more: LatencyCounts): void {
  sum.sumMs += more.sumMs
  sum.count += more.count
  for (const [index, count] of more.buckets.entries()) sum.buckets[index]! += count
}
