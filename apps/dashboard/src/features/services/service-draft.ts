import { serviceDefaults } from '@crossfade/core/policy/defaults'
import type { ServiceInput, ServiceView } from '@crossfade/contracts/api/services'

/** A service while it is typed. Numbers may be empty text until saved. */
export interface ServiceDraft {
  readonly name: string
  readonly instances: readonly string[]
  readonly checksHealth: boolean
  readonly healthPath: string
  readonly intervalMs: Typed
  readonly timeoutMs: Typed
  readonly healthyAfter: Typed
  readonly unhealthyAfter: Typed
  readonly connectMs: Typed
  readonly firstByteMs: Typed
  readonly idleMs: Typed
  readonly connections: Typed
  readonly verifyTls: boolean
  readonly serverName: string
  /** Passed through as it is stored. */
  readonly kept: Pick<ServiceView, 'outlier' | 'slowStartMs' | 'retry' | 'pool'>
}
export type Typed = number | string

export function emptyService(): ServiceDraft {
  return {
    name: '',
    instances: [''],
    checksHealth: true,
    healthPath: '/healthz',
    intervalMs: 5_000,
    timeoutMs: 2_000,
    healthyAfter: 2,
    unhealthyAfter: 3,
    connectMs: 3_000,
    firstByteMs: 30_000,
    idleMs: 60_000,
    connections: 128,
    verifyTls: true,
    serverName: '',
    kept: serviceDefaults,
  }
}

export function draftOfService(view: ServiceView): ServiceDraft {
  const empty = emptyService()
  return {
    name: view.name,
    instances: [...view.instances],
    checksHealth: view.health !== null,
    healthPath: view.health?.path ?? empty.healthPath,
    intervalMs: view.health?.intervalMs ?? empty.intervalMs,
    timeoutMs: view.health?.timeoutMs ?? empty.timeoutMs,
    healthyAfter: view.health?.healthyAfter ?? empty.healthyAfter,
    unhealthyAfter: view.health?.unhealthyAfter ?? empty.unhealthyAfter,
    connectMs: view.timeouts.connectMs,
    firstByteMs: view.timeouts.firstByteMs,
    idleMs: view.timeouts.idleMs,
    connections: view.pool.connectionsPerInstance,
    verifyTls: view.tls.verify,
    serverName: view.tls.serverName ?? '',
    kept: { outlier: view.outlier, slowStartMs: view.slowStartMs, retry: view.retry, pool: view.pool },
  }
}

export function inputOfService(draft: ServiceDraft): ServiceInput {
  const { pool, ...kept } = draft.kept
  return {
    ...kept,
    name: draft.name.trim(),
    instances: draft.instances.map((url) => url.trim()).filter(Boolean),
    health: draft.checksHealth
      ? {
          path: draft.healthPath.trim(),
          intervalMs: whole(draft.intervalMs),
          timeoutMs: whole(draft.timeoutMs),
          healthyAfter: whole(draft.healthyAfter),
          unhealthyAfter: whole(draft.unhealthyAfter),
        }
      : null,
    timeouts: {
      connectMs: whole(draft.connectMs),
      firstByteMs: whole(draft.firstByteMs),
      idleMs: whole(draft.idleMs),
    },
    pool: { ...pool, connectionsPerInstance: whole(draft.connections) },
    tls: {
      verify: draft.verifyTls,
      serverName: draft.serverName.trim() === '' ? null : draft.serverName.trim(),
    },
  }
}

/** Where a field of the API stands on the form. Instances: `instances.0`, by position among the filled lines. */
export function serviceFieldOf(path: string): string | null {
  if (/^instances\.\d+$/.test(path)) return path
  const [found] = Object.entries(places).filter(
    ([prefix]) => path === prefix || path.startsWith(`${prefix}.`),
  )
  return found?.[1] ?? null
}

/** Longer prefixes first. */
const places: Readonly<Record<string, keyof ServiceDraft>> = {
  name: 'name',
  instances: 'instances',
  'health.path': 'healthPath',
  'health.intervalMs': 'intervalMs',
  'health.timeoutMs': 'timeoutMs',
  'health.healthyAfter': 'healthyAfter',
  'health.unhealthyAfter': 'unhealthyAfter',
  health: 'checksHealth',
  'timeouts.connectMs': 'connectMs',
  'timeouts.firstByteMs': 'firstByteMs',
  'timeouts.idleMs': 'idleMs',
  pool: 'connections',
  'tls.serverName': 'serverName',
  tls: 'verifyTls',
}

/** NaN for empty text: the schema then says that a number is missing. */
function whole(typed: Typed): number {
  return typed === '' ? Number.NaN : Number(typed)
}
