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
  /** PEM; empty trusts the public authorities. */
  readonly ca: string
  readonly clientCertificate: string
  readonly maxPending: Typed
  readonly pendingTimeoutMs: Typed
  readonly ejects: boolean
  readonly consecutiveFailures: Typed
  readonly baseEjectionMs: Typed
  readonly maxEjectedPercent: Typed
  readonly slowStartMs: Typed
  readonly tries: Typed
  readonly budgetPercent: Typed
  readonly minPerSecond: Typed
}
export type Typed = number | string

export interface ServiceFieldsProps {
  readonly draft: ServiceDraft
  readonly set: <Field extends keyof ServiceDraft>(field: Field, value: ServiceDraft[Field]) => void
  readonly errorOf: (field: string) => string | undefined
}

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
    ca: '',
    clientCertificate: '',
    ...protectionOf(serviceDefaults),
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
    ca: view.tls.ca ?? '',
    clientCertificate: view.tls.clientCertificate ?? '',
    ...protectionOf(view),
  }
}

type Protection = Pick<ServiceView, 'outlier' | 'slowStartMs' | 'retry' | 'pool'>

function protectionOf({ outlier, slowStartMs, retry, pool }: Protection) {
  const { connectionsPerInstance: _shownAbove, ...waiting } = pool
  const ejection = outlier ?? serviceDefaults.outlier
  return { ...waiting, slowStartMs, ejects: outlier !== null, ...ejection, ...retry }
}

/** One line about what protects the service. */
export function protectionSummary(draft: ServiceDraft): string {
  const retries =
    Number(draft.tries) > 1 ? `safe requests are tried ${draft.tries} times` : 'nothing is retried'
  const ejection = draft.ejects
    ? `an instance that fails ${draft.consecutiveFailures} times in a row is left out for a while`
    : 'no instance is left out for failing'
  return `${ejection[0]?.toUpperCase()}${ejection.slice(1)}; ${retries}.`
}

export function inputOfService(draft: ServiceDraft): ServiceInput {
  return {
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
    pool: {
      connectionsPerInstance: whole(draft.connections),
      maxPending: whole(draft.maxPending),
      pendingTimeoutMs: whole(draft.pendingTimeoutMs),
    },
    outlier: draft.ejects
      ? {
          consecutiveFailures: whole(draft.consecutiveFailures),
          baseEjectionMs: whole(draft.baseEjectionMs),
          maxEjectedPercent: whole(draft.maxEjectedPercent),
        }
      : null,
    slowStartMs: whole(draft.slowStartMs),
    retry: {
      tries: whole(draft.tries),
      budgetPercent: whole(draft.budgetPercent),
      minPerSecond: whole(draft.minPerSecond),
    },
    tls: {
      verify: draft.verifyTls,
      serverName: textOrNull(draft.serverName),
      ca: draft.ca.trim() === '' ? null : draft.ca,
      clientCertificate: textOrNull(draft.clientCertificate),
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

/** Those of the part that is folded away. */
export const protectionFields: ReadonlySet<string> = new Set<keyof ServiceDraft>([
  'maxPending',
  'pendingTimeoutMs',
  'ejects',
  'consecutiveFailures',
  'baseEjectionMs',
  'maxEjectedPercent',
  'slowStartMs',
  'tries',
  'budgetPercent',
  'minPerSecond',
])

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
  'pool.maxPending': 'maxPending',
  'pool.pendingTimeoutMs': 'pendingTimeoutMs',
  pool: 'connections',
  'outlier.consecutiveFailures': 'consecutiveFailures',
  'outlier.baseEjectionMs': 'baseEjectionMs',
  'outlier.maxEjectedPercent': 'maxEjectedPercent',
  outlier: 'ejects',
  slowStartMs: 'slowStartMs',
  'retry.budgetPercent': 'budgetPercent',
  'retry.minPerSecond': 'minPerSecond',
  retry: 'tries',
  'tls.serverName': 'serverName',
  'tls.ca': 'ca',
  'tls.clientCertificate': 'clientCertificate',
  tls: 'verifyTls',
}

function textOrNull(typed: string): string | null {
  return typed.trim() === '' ? null : typed.trim()
}

/** NaN for empty text: the schema then says that a number is missing. */
function whole(typed: Typed): number {
  return typed === '' ? Number.NaN : Number(typed)
}
