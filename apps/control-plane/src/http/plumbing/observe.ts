import { collectDefaultMetrics, Gauge, Histogram, type Registry } from '@prometheus-io/client'
import type { Clock } from '@crossfade/runtime/clock'
import type { App } from './app.ts'

declare module 'fastify' {
  interface FastifyRequest {
    /** Monotonic ms. */
    startedAt: number
  }
}

/**
 * One log line and one observation per request, by route pattern: a raw path may hold a one-time token, and
 * would make a label without bounds.
 */
export function observeRequests(app: App, metrics: Registry, clock: Clock): void {
  const durations = new Histogram({
    name: 'crossfade_http_request_duration_seconds',
    help: 'Time from request to answer of the API, by route',
    labelNames: ['method', 'route', 'status'],
    buckets: [0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5],
    registers: [metrics],
  })
  app.decorateRequest('startedAt', 0)
  app.addHook('onRequest', async (request, reply) => {
    request.startedAt = clock.monotonic()
    reply.header('x-request-id', request.id)
  })
  app.addHook('onResponse', async (request, reply) => {
    const ms = clock.monotonic() - request.startedAt
    const route = request.routeOptions.url ?? 'none'
    const { method } = request
    const status = reply.statusCode
    durations.observe({ method, route, status }, ms / 1000)
    // Probes and files of the dashboard have no permission; they would drown the rest.
    const level = request.routeOptions.config.permission === undefined ? 'debug' : 'info'
    request.log[level]({ method, route, status, ms: Math.round(ms) }, 'Request')
  })
}

/** Named by the library as Prometheus' own linter does not want it. */
const misnamed = [
  'nodejs_eventloop_utilization_summary',
  'nodejs_eventloop_utilization_histogram',
  'nodejs_active_resources_total',
  'nodejs_active_handles_total',
  'nodejs_active_requests_total',
]

/** The process itself, and which build it is. */
export function observeProcess(metrics: Registry, version: string): void {
  collectDefaultMetrics({ register: metrics, prefix: 'crossfade_' })
  for (const name of misnamed) metrics.removeSingleMetric(`crossfade_${name}`)
  new Gauge({
    name: 'crossfade_build_info',
    help: 'Always 1; the label says which build runs',
    labelNames: ['version'],
    registers: [metrics],
  }).set({ version }, 1)
}
