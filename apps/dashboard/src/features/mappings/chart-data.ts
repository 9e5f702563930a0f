import type { Change } from '@crossfade/contracts/api/changes'
import type { SeriesPoint } from '@crossfade/contracts/api/series'
import { countText, durationText, listText, percentText, rateText, ratioText } from '../../shared/format.ts'
import type { ChartMarker, ChartPoint } from '../../shared/ui/chart.tsx'
import type { Numbers } from '../live/fold.ts'
import { weightedMedian } from '../live/measured.ts'
import type { Range } from './mappings-search.ts'

/** Both sides of one mapping over a span, as the API answers it. */
export interface History {
  /** Width of a point in seconds. */
  readonly resolution: number
  readonly legacy: readonly SeriesPoint[]
  readonly new: readonly SeriesPoint[]
}

export const spans: Readonly<Record<Range, { readonly seconds: number; readonly words: string }>> = {
  '5m': { seconds: 300, words: '5 min' },
  '1h': { seconds: 3600, words: '1 h' },
  '6h': { seconds: 6 * 3600, words: '6 h' },
  '24h': { seconds: 24 * 3600, words: '24 h' },
}

/** What one chart shows of a point; null where there is nothing to show. */
export interface Metric {
  readonly key: string
  readonly title: string
  readonly valueOf: (point: SeriesPoint, resolution: number) => number | null
  readonly weightOf: (point: SeriesPoint) => number
  readonly format: (value: number) => string
  /** The scale goes at least up to here. */
  readonly atLeast: number
  /** The comparison is better when the value is lower; null when neither is. */
  readonly better: 'lower' | null
}

const byRequests = (point: SeriesPoint) => point.requests
const perRequest = (count: (point: SeriesPoint) => number) => (point: SeriesPoint) =>
  point.requests === 0 ? null : count(point) / point.requests

const latency = (quantile: 'p50' | 'p95' | 'p99'): Metric => ({
  key: quantile,
  title: `Latency ${quantile}`,
  valueOf: (point) => point[quantile],
  weightOf: byRequests,
  format: durationText,
  atLeast: 10,
  better: 'lower',
})

export const metrics = {
  p50: latency('p50'),
  p95: latency('p95'),
  p99: latency('p99'),
  errors: {
    key: 'errors',
    title: 'Errors',
    valueOf: perRequest((point) => point.errors),
    weightOf: byRequests,
    format: ratioText,
    atLeast: 0.02,
    better: 'lower',
  },
  clientErrors: {
    key: 'clientErrors',
    title: '4xx answers',
    valueOf: perRequest((point) => point.clientErrors),
    weightOf: byRequests,
    format: ratioText,
    atLeast: 0.02,
    better: 'lower',
  },
  requests: {
    key: 'requests',
    title: 'Requests/s',
    valueOf: (point, resolution) => point.requests / resolution,
    weightOf: () => 1,
    format: rateText,
    atLeast: 2,
    better: null,
  },
} as const satisfies Record<string, Metric>

/** History of single seconds, carried on by the live numbers. Where both know a second, the fuller one counts. */
export function withLive(history: History, numbers: readonly Numbers[], mappingId: string): History {
  if (history.resolution !== 1) return history
  const mine = numbers.flatMap((second) => second.mappings.filter((one) => one.mappingId === mappingId))
  const side = (name: 'legacy' | 'new') =>
    merged(
      history[name],
      mine.flatMap((one) => one[name] ?? []),
    )
  return { resolution: 1, legacy: side('legacy'), new: side('new') }
}

function merged(stored: readonly SeriesPoint[], live: readonly SeriesPoint[]): readonly SeriesPoint[] {
  if (live.length === 0) return stored
  const bySecond = new Map(stored.map((point) => [point.at, point]))
  for (const point of live) {
    const known = bySecond.get(point.at)
    if (known === undefined || known.requests < point.requests) bySecond.set(point.at, point)
  }
  return [...bySecond.values()].sort((a, b) => a.at - b.at)
}

/** Without the windows that are still filling: half a window would look like half the traffic. */
export function settled(history: History, now: number): History {
  const isOver = (point: SeriesPoint) =>
    point.at + history.resolution * 1000 <= now - lateMs(history.resolution)
  return { ...history, legacy: history.legacy.filter(isOver), new: history.new.filter(isOver) }
}

/** Single seconds come complete from the feed; wider windows get the last batches a few seconds late. */
function lateMs(resolution: number): number {
  return resolution === 1 ? 0 : 3_000
}

/** The points of one side, oldest first, with a null wherever a window is missing. */
export function lineOf(points: readonly SeriesPoint[], resolution: number, metric: Metric): ChartPoint[] {
  const width = resolution * 1000
  const line: ChartPoint[] = []
  let before: number | null = null
  for (const point of points) {
    if (before !== null && point.at > before + width) line.push({ x: before + width, y: null })
    line.push({ x: point.at, y: metric.valueOf(point, resolution) })
    before = point.at
  }
  return line
}

/** One side over the whole span: the request-weighted median of its windows; a ratio or rate is summed first. */
export interface SideSummary {
  readonly value: number | null
  readonly requests: number
}

export function summaryOf(points: readonly SeriesPoint[], resolution: number, metric: Metric): SideSummary {
  const requests = points.reduce((sum, point) => sum + point.requests, 0)
  const values = points.flatMap((point) => {
    const value = metric.valueOf(point, resolution)
    return value === null ? [] : [{ value, weight: metric.weightOf(point) }]
  })
  if (metric.key === 'errors' || metric.key === 'clientErrors') {
    const weight = values.reduce((sum, one) => sum + one.weight, 0)
    const total = values.reduce((sum, one) => sum + one.value * one.weight, 0)
    return { requests, value: weight === 0 ? null : total / weight }
  }
  return { requests, value: weightedMedian(values) }
}

/** Fewer requests than this on a side say nothing. */
export const enoughRequests = 500

export interface Comparison {
  readonly metric: Metric
  readonly legacy: SideSummary
  readonly new: SideSummary
  /** `18 ms lower`, `the same`; null while one side has no value. */
  readonly difference: string | null
  /** `enough data`, or why not. */
  readonly confidence: string
  readonly verdict: 'better' | 'worse' | 'none'
}

/**
 * `wide`: the same span in wider windows. A quantile of a second with five requests is no quantile, so latencies
 * are summed up from these where there are any.
 */
export function compare(history: History, metric: Metric, wide: History = history): Comparison {
  const isLatency = metric === metrics.p50 || metric === metrics.p95 || metric === metrics.p99
  const { legacy, new: fresh } = isLatency
    ? latencySummary(history, metric, wide)
    : summaries(history, metric)
  const fewest = Math.min(legacy.requests, fresh.requests)
  const isEnough = fewest >= enoughRequests
  const difference =
    legacy.value === null || fresh.value === null || metric.better === null
      ? null
      : differenceText(fresh.value - legacy.value, metric)
  const changed = difference !== null && difference !== 'the same'
  const lower = (fresh.value ?? 0) < (legacy.value ?? 0)
  return {
    metric,
    legacy,
    new: fresh,
    difference,
    confidence: isEnough ? 'enough data' : `too few requests to tell: ${countText(fewest)}`,
    verdict: !changed || !isEnough ? 'none' : lower ? 'better' : 'worse',
  }
}

function summaries(history: History, metric: Metric) {
  return {
    legacy: summaryOf(history.legacy, history.resolution, metric),
    new: summaryOf(history.new, history.resolution, metric),
  }
}

/** Values from the wide windows, requests from the fine ones: those are complete up to now. */
function latencySummary(history: History, metric: Metric, wide: History) {
  const now = summaries(history, metric)
  const steady = summaries(wide, metric)
  return {
    legacy: { ...now.legacy, value: steady.legacy.value ?? now.legacy.value },
    new: { ...now.new, value: steady.new.value ?? now.new.value },
  }
}

function differenceText(by: number, metric: Metric): string {
  const size = metric.format(Math.abs(by))
  if (by === 0 || size === metric.format(0)) return 'the same'
  return `${size} ${by < 0 ? 'lower' : 'higher'}`
}

/** What a chart shows, in one sentence, for those who do not see it. */
export function sentenceOf(comparison: Comparison, words: string): string {
  const { metric, legacy, new: fresh, difference } = comparison
  const side = (name: string, value: number | null) =>
    value === null ? `${name} has no data` : `${name} ${metric.format(value)}`
  const told = `${metric.title}, last ${words}: ${listText([side('legacy', legacy.value), side('new', fresh.value)])}`
  return difference === null ? `${told}.` : `${told}; new is ${difference}.`
}

/** Where the share was moved, as lines in every chart, oldest first. */
export function markersOf(changes: readonly Change[]): ChartMarker[] {
  return changes
    .filter(({ act }) => act.endsWith('.share') || act.endsWith('.rollback'))
    .map((change) => ({ at: new Date(change.at).getTime(), label: markerLabel(change) }))
    .sort((a, b) => a.at - b.at)
}

function markerLabel({ act, after }: Change): string {
  const percent = percentIn(after)
  if (percent === null) return act.endsWith('.rollback') ? 'roll back' : 'share'
  return act.endsWith('.rollback') ? `roll back` : percentText(percent)
}

/** The percent in an audited or conflicting value, however deep the share sits. */
export function percentIn(value: unknown): number | null {
  if (typeof value === 'number') return value
  if (typeof value !== 'object' || value === null) return null
  const { percent, split } = value as { percent?: unknown; split?: unknown }
  return typeof percent === 'number' ? percent : split === undefined ? null : percentIn(split)
}

/** The same numbers as rows, newest first: for "View as table". */
export function rowsOf(
  history: History,
  metric: Metric,
  limit: number,
): readonly { at: number; legacy: number | null; new: number | null }[] {
  const rows = new Map<number, { at: number; legacy: number | null; new: number | null }>()
  for (const side of ['legacy', 'new'] as const) {
    for (const point of history[side]) {
      const row = rows.get(point.at) ?? { at: point.at, legacy: null, new: null }
      rows.set(point.at, { ...row, [side]: metric.valueOf(point, history.resolution) })
    }
  }
  return [...rows.values()].sort((a, b) => b.at - a.at).slice(0, limit)
}
