import type { FailureKind, SeriesSample, StatsWindow, Via } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import { LatencySketch } from '@crossfade/core/sketch'
import type { Seen } from '../proxy/seen.ts'
import { addOutcome, newSeries, zeroLatency, zeroTally, type LatencyCounts, type Series } from './series.ts'

/** What became of one request, said once, when it has ended. */
export interface Outcome {
  /** Null for unmapped traffic that went to a default service (then `side` is legacy, `via` default). */
  readonly mappingId: string | null
  /** The side the decision chose, also when the other one answered in its place. */
  readonly side: Side
  readonly via: Via
  /** Of the answer the client got; null when none began. */
  readonly status: number | null
  readonly failure: FailureKind | null
  /** From the last byte of the request's head to the end of the answer (of an upgrade: to its handshake), in ms. */
  readonly latencyMs: number
  readonly bytesIn: number
  readonly bytesOut: number
  /** How often it was tried again. */
  readonly retries: number
  /** The other side answered in place of this one. */
  readonly fallback: boolean
  /**
   * Then: the status this side gave, or would have given without help (503 for an open breaker). Null when it
   * gave none, or is not to blame.
   */
  readonly replaced: number | null
}

export interface Recorder {
  /** `seen` is absent for what could not even be read. */
  record(outcome: Outcome, seen?: Seen | null): void
}

/** A window that has ended, and beside it what only this agent's own metrics page shows. */
export interface ClosedWindow {
  readonly window: StatsWindow
  readonly latencies: readonly { readonly sample: SeriesSample; readonly latency: LatencyCounts }[]
}

export interface WindowRecorder extends Recorder {
  /** The breaker of a side opened. */
  breakerOpened(mappingId: string, side: Side): void
  /** Ends the open window when its second is over. */
  tick(): void
  /** Ends the open window now, with all latencies not handed out yet. */
  flush(): void
}

const windowMs = 1000
/** How often latency is handed out for mappings that nobody watches and that do not ramp. */
const coarseMs = 10_000
/**
 * So long after its last traffic an agent says of each second that it is over, also of empty ones: who judges must
 * not wait for numbers that never come (rule 16).
 */
const silentAfterMs = 60_000

/**
 * Counts outcomes in windows of one second (rule 28). `now` is the control plane's clock as this agent
 * estimates it, in ms since the epoch; only series with traffic have rows.
 */
export function createRecorder(parts: {
  readonly now: () => number
  /** Latency each second instead of every ten. */
  readonly isFine: (mappingId: string | null) => boolean
  readonly onWindow: (closed: ClosedWindow) => void
  /** What is reported with every tenth window: asked then, and begun anew. */
  readonly besides?: () => Pick<StatsWindow, 'clients' | 'paths'>
}): WindowRecorder {
  const open = new Map<string | null, Series[]>()
  let at = startOf(parts.now())
  let trafficAt = -Infinity

  const close = (next: number, everything: boolean) => {
    const handOut = everything || Math.floor(next / coarseMs) !== Math.floor(at / coarseMs)
    const latencies: { sample: SeriesSample; latency: LatencyCounts }[] = []
    for (const [mappingId, list] of open) {
      for (const series of list) {
        const sample = take(series, handOut || parts.isFine(mappingId))
        if (sample) latencies.push(sample)
      }
      const left = list.filter((series) => series.sketch.count > 0)
      if (left.length === 0) open.delete(mappingId)
      else open.set(mappingId, left)
    }
    const besides = (handOut && parts.besides?.()) || {}
    const window = { at, samples: latencies.map(({ sample }) => sample), ...besides }
    if (sizeOf(window) > 0) trafficAt = at
    at = next
    if (window.at - trafficAt <= silentAfterMs) parts.onWindow({ window, latencies })
  }
  const tick = () => {
    const start = startOf(parts.now())
    if (start !== at) close(start, false)
  }

  return {
    record(outcome) {
      tick()
      addOutcome(seriesOf(open, outcome), outcome)
    },
    breakerOpened(mappingId, side) {
      tick()
      seriesOf(open, { mappingId, side, via: 'split' }).tally.breakerOpenings++
    },
    tick,
    flush: () => close(startOf(parts.now()), true),
  }
}

function sizeOf({ samples, clients = [], paths = [] }: StatsWindow): number {
  return samples.length + clients.length + paths.length
}

function startOf(ms: number): number {
  return Math.floor(ms / windowMs) * windowMs
}

function seriesOf(
  open: Map<string | null, Series[]>,
  { mappingId, side, via }: Pick<Outcome, 'mappingId' | 'side' | 'via'>,
): Series {
  const list = open.get(mappingId)
  const found = list?.find((series) => series.side === side && series.via === via)
  if (found) return found
  const series = newSeries(mappingId, side, via)
  if (list) list.push(series)
  else open.set(mappingId, [series])
  return series
}

/** Takes out what the series counted; null when there is nothing to say. */
function take(
  series: Series,
  withSketch: boolean,
): { readonly sample: SeriesSample; readonly latency: LatencyCounts } | null {
  const hasSketch = withSketch && series.sketch.count > 0
  if (series.tally.requests === 0 && series.tally.breakerOpenings === 0 && !hasSketch) return null
  const { mappingId, side, via, tally, latency } = series
  const sketch = hasSketch ? Buffer.from(series.sketch.encode()).toString('base64') : null
  series.tally = zeroTally()
  series.latency = zeroLatency()
  if (hasSketch) series.sketch = new LatencySketch()
  return { sample: { mappingId, side, via, tally, sketch }, latency }
}
