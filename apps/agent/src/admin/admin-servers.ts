import type { Part } from '@crossfade/runtime/lifecycle'
import type { Callers } from '../callers/callers.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Disk } from '../config/disk.ts'
import type { Emergencies } from '../emergency/emergencies.ts'
import type { Witness } from '../witness/witness.ts'
import type { ClockOffset } from '../link/clock-offset.ts'
import type { Link } from '../link/link.ts'
import type { Outbox } from '../stats/outbox.ts'
import type { Totals } from '../stats/totals.ts'
import { OVERLOAD_LEVELS } from '@crossfade/core/policy/overload'
import type { Guards } from '../resilience/guards.ts'
import type { OverloadMonitor } from '../resilience/overload-monitor.ts'
import type { TrafficLog } from '../traffic-log/traffic-log.ts'
import { version } from '../version.ts'
import { storedAdminToken } from './admin-token.ts'
import { healthRoutes } from './health-routes.ts'
import { httpPart, type Address, type HttpPart } from './http-part.ts'
import { inspectRoutes } from './inspect-routes.ts'
import { createMetrics } from './metrics.ts'
import { readiness, type Condition } from './readiness.ts'
import { rollbackRoutes } from './rollback-routes.ts'
import { answer, type AdminRoute } from './router.ts'

export interface AdminParts {
  readonly listen: Address
  /** Null: the one in the state directory, made if need be. */
  readonly token: string | null
  readonly stateDir: string
  readonly disk: Disk
  readonly newToken: () => string
  readonly condition: () => Condition
  readonly configuration: Configuration
  readonly emergencies: Emergencies
  readonly witness: Witness
  readonly metrics: {
    readonly totals: Totals
    readonly outbox: Outbox
    readonly offset: ClockOffset
    readonly traffic: { connections(): number; inFlight(): number; handshakeFailures(): number }
    readonly link: Link
    /** Null without one. */
    readonly trafficLog: TrafficLog | null
    readonly guards: Guards
    readonly callers: Pick<Callers, 'states'>
    readonly overload: OverloadMonitor
  }
  readonly onError: (error: unknown) => void
}

/** The admin port: health, metrics, what is in force, and the break-glass roll back. */
export function adminServer(parts: AdminParts): HttpPart {
  const routes: readonly AdminRoute[] = [
    ...healthRoutes(parts.condition),
    metricsRoute(parts),
    ...inspectRoutes(parts),
    ...rollbackRoutes(parts),
  ]
  let token = parts.token ?? ''
  const server = httpPart('admin port', parts.listen, (request, response) =>
    answer(routes, token, request, response, parts.onError),
  )
  return {
    ...server,
    async start() {
      token = parts.token ?? (await storedAdminToken(parts.stateDir, parts.disk, parts.newToken))
      await server.start()
    },
  }
}

/** None, or one: a port that tells orchestrators about health and nobody about anything else. */
export function healthServer(
  listen: Address | null,
  condition: () => Condition,
  onError: (error: unknown) => void,
): readonly Part[] {
  if (!listen) return []
  const routes = healthRoutes(condition)
  return [
    httpPart('health port', listen, (request, response) => answer(routes, '', request, response, onError)),
  ]
}

function metricsRoute({ condition, configuration, emergencies, metrics }: AdminParts): AdminRoute {
  const { totals, outbox, offset, traffic, link, trafficLog, guards, callers, overload } = metrics
  const page = createMetrics({
    version,
    totals: () => totals.list(),
    nameOf: (id) => configuration.slot.current()?.table.byId.get(id)?.mapping.name ?? null,
    refusals: () => configuration.refusals(),
    lostWindows: () => outbox.lost(),
    failedHandshakes: () => traffic.handshakeFailures(),
    logLines: () => trafficLog?.lines() ?? { written: 0, dropped: 0 },
    guards,
    issuers: () => callers.states(),
    gauges: {
      ready: () => Number(readiness(condition()).ready),
      link_up: () => Number(link.state().kind === 'up'),
      snapshot_revision: () => configuration.running()?.revision ?? 0,
      overlays: () => configuration.overlays().length,
      emergencies: () => emergencies.list().length,
      connections: () => traffic.connections(),
      in_flight_requests: () => traffic.inFlight(),
      overload_level: () => OVERLOAD_LEVELS.indexOf(overload.level()),
      stats_backlog_windows: () => outbox.backlog(),
      clock_offset_seconds: () => offset.current() / 1000,
    },
  })
  return {
    method: 'GET',
    path: '/metrics',
    access: 'open',
    handle: async () => ({ body: await page.page(), type: page.contentType }),
  }
}
