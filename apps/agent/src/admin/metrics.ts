import { Counter, Gauge, Registry, collectDefaultMetrics, type LabelValues } from '@prometheus-io/client'
import type { Callers } from '../callers/callers.ts'
import type { Guards } from '../resilience/guards.ts'
import type { Total } from '../stats/totals.ts'
import { LatencyHistogram } from './latency-histogram.ts'

/** What the metrics page reads, at the moment it is asked. */
export interface MetricsSource {
  readonly version: string
  totals(): readonly Total[]
  /** Null for a mapping that is gone. */
  nameOf(mappingId: string): string | null
  /** By phase. */
  refusals(): ReadonlyMap<string, number>
  readonly gauges: Readonly<Record<GaugeName, () => number>>
  readonly lostWindows: () => number
  readonly failedHandshakes: () => number
  readonly guards: Pick<Guards, 'breakers' | 'inFlight' | 'transitions' | 'counts'>
  readonly issuers: () => ReturnType<Callers['states']>
  /** Of the traffic log. */
  readonly logLines: () => { readonly written: number; readonly dropped: number }
}

const gauges = {
  ready: 'Whether this agent wants traffic: 1 or 0',
  link_up: 'Whether the link to the control plane is up: 1 or 0',
  snapshot_revision: 'Revision of the snapshot in force; 0 without one',
  overlays: 'Roll backs in force beside the snapshot',
  emergencies: 'Break-glass roll backs in force until a person clears them',
  overload_level:
    'How much this agent protects itself: 0 not, 1 closes, 2 refuses requests, 3 refuses connections',
  connections: 'Client connections open',
  in_flight_requests: 'Requests being answered',
  stats_backlog_windows: 'Windows of numbers that the control plane has not acknowledged',
  clock_offset_seconds: "How far the control plane's clock is ahead of this agent's",
} as const
export type GaugeName = keyof typeof gauges

const prefix = 'crossfade_agent_'
/** Named by the library as Prometheus' own linter does not want it. */
const misnamed = [
  'nodejs_eventloop_utilization_summary',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
]

/**
 * The metrics page. Labels are mapping names and sides, bounded by what is configured, never paths; unmapped
 * traffic has an empty mapping. Sums follow up to a second late, because they are made of closed windows.
 */
export function createMetrics(source: MetricsSource): {
  readonly contentType: string
  page(): Promise<string>
} {
  const registry = new Registry()
  const registers: [] = []
  collectDefaultMetrics({ register: registry, prefix })
  for (const name of misnamed) registry.removeSingleMetric(`${prefix}${name}`)
  const info = new Gauge({
    name: `${prefix}info`,
    help: 'Always 1; says which version runs',
    labelNames: ['version'],
    registers,
  })
  info.set({ version: source.version }, 1)
  registry.registerMetric(info)

  for (const [name, help] of Object.entries(gauges) as [GaugeName, string][]) {
    const gauge = new Gauge({
      name: `${prefix}${name}`,
      help,
      registers,
      collect() {
        this.set(source.gauges[name]())
      },
    })
    registry.registerMetric(gauge)
  }

  const counter = <L extends string>(
    name: string,
    help: string,
    labelNames: readonly L[],
    count: (add: (labels: Record<L, string>, value: number) => void) => void,
  ) => {
    const metric = new Counter<L>({
      name: `${prefix}${name}`,
      help,
      labelNames: [...labelNames],
      registers,
      collect() {
        this.reset()
        count((labels, value) => {
          if (value > 0) this.inc(labels as LabelValues<L>, value)
        })
      },
    })
    registry.registerMetric(metric)
  }

  const eachTotal = (visit: (total: Total, labels: { mapping: string; side: string }) => void) => {
    for (const total of source.totals()) {
      const mapping = total.mappingId === null ? '' : source.nameOf(total.mappingId)
      if (mapping !== null) visit(total, { mapping, side: total.side })
    }
  }
  const series = ['mapping', 'side'] as const
  counter(
    'requests_total',
    'Requests by the side that was chosen, how, and the status class of the answer',
    [...series, 'via', 'status'],
    (add) =>
      eachTotal(({ tally, via }, labels) => {
        let answered = 0
        for (const [index, count] of tally.statuses.entries()) {
          answered += count
          add({ ...labels, via, status: `${index + 1}xx` }, count)
        }
        add({ ...labels, via, status: 'none' }, tally.requests - answered)
      }),
  )
  counter('failures_total', 'Failed requests by kind', [...series, 'kind'], (add) =>
    eachTotal(({ tally }, labels) => {
      for (const [kind, count] of Object.entries(tally.failures)) add({ ...labels, kind }, count)
    }),
  )
  counter('retries_total', 'Requests tried again', series, (add) =>
    eachTotal(({ tally }, labels) => add(labels, tally.retries)),
  )
  counter('fallbacks_total', 'Requests the other side answered instead', series, (add) =>
    eachTotal(({ tally }, labels) => add(labels, tally.fallbacks)),
  )
  counter('received_bytes_total', 'Bytes of request bodies', series, (add) =>
    eachTotal(({ tally }, labels) => add(labels, tally.bytesIn)),
  )
  counter('sent_bytes_total', 'Bytes of answer bodies', series, (add) =>
    eachTotal(({ tally }, labels) => add(labels, tally.bytesOut)),
  )
  const eachNamed = <T extends { readonly mappingId: string }>(
    list: readonly T[],
    visit: (item: T, mapping: string) => void,
  ) => {
    for (const item of list) {
      const mapping = item.mappingId === '' ? '' : source.nameOf(item.mappingId)
      if (mapping !== null) visit(item, mapping)
    }
  }
  const breakers = new Gauge({
    name: `${prefix}breaker_state`,
    help: 'Breakers by mapping and side: 0 closed, 1 half-open, 2 open',
    labelNames: ['mapping', 'side'],
    registers,
    collect() {
      this.reset()
      eachNamed(source.guards.breakers(), ({ side, state }, mapping) =>
        this.set({ mapping, side }, state === 'closed' ? 0 : state === 'open' ? 2 : 1),
      )
    },
  })
  registry.registerMetric(breakers)
  const inFlight = new Gauge({
    name: `${prefix}mapping_in_flight_requests`,
    help: 'Requests being answered, by mapping and the side that answers',
    labelNames: ['mapping', 'side'],
    registers,
    collect() {
      this.reset()
      eachNamed(source.guards.inFlight(), ({ side, count }, mapping) => this.set({ mapping, side }, count))
    },
  })
  registry.registerMetric(inFlight)
  counter('breaker_transitions_total', 'Times a breaker changed', [...series, 'to'], (add) =>
    eachNamed(source.guards.transitions(), ({ side, to, count }, mapping) =>
      add({ mapping, side, to }, count),
    ),
  )
  counter(
    'protected_requests_total',
    'Requests refused or sent to the other side to protect something, by reason; overload has no mapping',
    ['mapping', 'reason'],
    (add) =>
      eachNamed(source.guards.counts(), ({ what, count }, mapping) => add({ mapping, reason: what }, count)),
  )
  counter('tokens_total', 'Tokens by issuer and what became of them', ['issuer', 'result'], (add) => {
    for (const { issuer, valid, invalid, remembered } of source.issuers()) {
      add({ issuer, result: 'valid' }, valid)
      add({ issuer, result: 'invalid' }, invalid)
      add({ issuer, result: 'remembered' }, remembered)
    }
  })
  counter('issuer_fetches_total', "Times an issuer's keys were asked for", ['issuer', 'result'], (add) => {
    for (const { issuer, fetches } of source.issuers()) {
      add({ issuer, result: 'ok' }, fetches.ok)
      add({ issuer, result: 'failed' }, fetches.failed)
    }
  })
  const issuerKeys = new Gauge({
    name: `${prefix}issuer_keys`,
    help: 'Keys known of each issuer; with 0 its tokens cannot be checked',
    labelNames: ['issuer'],
    registers,
    collect() {
      this.reset()
      for (const { issuer, keys } of source.issuers()) this.set({ issuer }, keys)
    },
  })
  registry.registerMetric(issuerKeys)
  counter('tls_handshakes_failed_total', 'TLS handshakes of clients that came to nothing', [], (add) =>
    add({}, source.failedHandshakes()),
  )
  counter('snapshots_refused_total', 'Snapshots refused, by phase', ['phase'], (add) => {
    for (const [phase, count] of source.refusals()) add({ phase }, count)
  })
  counter(
    'stats_lost_windows_total',
    'Windows of numbers given up because the control plane was away too long',
    [],
    (add) => add({}, source.lostWindows()),
  )
  counter('traffic_log_lines_total', 'Lines written to the traffic log', [], (add) =>
    add({}, source.logLines().written),
  )
  counter(
    'traffic_log_dropped_lines_total',
    'Lines given up because the traffic log could not take them',
    [],
    (add) => add({}, source.logLines().dropped),
  )
  registry.registerMetric(
    new LatencyHistogram(
      `${prefix}request_duration_seconds`,
      'Time to the first byte of the answer, by the side that answered',
      (add) => eachTotal(({ latency }, labels) => add(labels, latency)),
    ),
  )

  return { contentType: registry.contentType, page: () => registry.metrics() }
}
