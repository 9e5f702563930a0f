import { anyNetwork } from '@crossfade/core/address-policy'
import { compileSnapshot } from '@crossfade/core/routing-table'
import type { Snapshot } from '@crossfade/core/model'
import { createLogger } from '@crossfade/runtime/logger'
import { aService, aSnapshot } from '@crossfade/testkit/builders'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { createCallers, type Callers } from '../callers/callers.ts'
import { keyFetcher } from '../callers/fetch-keys.ts'
import { createConfigSlot, type InForce } from '../config/config-slot.ts'
import { createAddresses, systemResolve } from '../services/addresses.ts'
import { NO_CLIENT_CERTIFICATES, type ClientCertificates } from '../services/tls-terms.ts'
import type { ServerCertificates } from '../tls/server-certificates.ts'
import { createServicePools, type ServicePools } from '../services/service-pools.ts'
import { createGuards, type Guards } from '../resilience/guards.ts'
import { CALM, type OverloadMonitor } from '../resilience/overload-monitor.ts'
import type { Outcome } from '../stats/recorder.ts'
import { defaultLimits, type HttpLimits } from './http-limits.ts'
import { createTrafficServer, type TrafficServer } from './traffic-server.ts'

/** A traffic port between real sockets, for tests: time stands still, chance is fixed. */
export interface Rig {
  readonly port: number
  readonly url: string
  readonly traffic: TrafficServer
  readonly services: ServicePools
  readonly guards: Guards
  readonly callers: Callers
  readonly clock: ManualClock
  readonly outcomes: readonly Outcome[]
  /** The next outcome recorded after those already taken with this. */
  nextOutcome(): Promise<Outcome>
  install(snapshot: Snapshot): void
  setReady(ready: boolean): void
  close(): Promise<void>
}

export async function startRig(
  snapshot: Snapshot | null,
  options: {
    healthPath?: string
    limits?: Partial<HttpLimits>
    overload?: OverloadMonitor
    certificates?: ServerCertificates
    clientCertificates?: ClientCertificates
    random?: () => number
  } = {},
): Promise<Rig> {
  const logger = createLogger('rig', 'silent')
  const clock = manualClock(Date.UTC(2026, 0, 1))
  const random = options.random ?? (() => 0.5)
  const addresses = createAddresses({ resolve: systemResolve([]), policy: anyNetwork, clock, logger })
  const services = createServicePools({
    clock,
    logger,
    random,
    addresses,
    policy: anyNetwork,
    certificates: options.clientCertificates ?? NO_CLIENT_CERTIFICATES,
  })
  const slot = createConfigSlot((error) => {
    throw error as Error
  })
  const callers = createCallers({
    fetch: keyFetcher({ addresses, policy: anyNetwork, clock }),
    files: { read: async () => ({}), write: async () => {} },
    clock,
    random,
    logger,
  })
  slot.onChange((next) => {
    services.install(next.services)
    callers.install(next.table.auth)
  })
  const outcomes: Outcome[] = []
  const waiting: ((outcome: Outcome) => void)[] = []
  let taken = 0
  let ready = true
  const recorder = {
    record(outcome: Outcome) {
      outcomes.push(outcome)
      waiting.shift()?.(outcome)
    },
  }
  const guards = createGuards({ random, logger })
  const traffic = createTrafficServer({
    slot,
    recorder,
    services,
    guards,
    callers,
    overload: options.overload ?? CALM,
    clock,
    random,
    logger,
    agentName: 'agent one',
    healthPath: options.healthPath ?? null,
    limits: { ...defaultLimits, ...options.limits },
    certificates: options.certificates ?? null,
    hasStopped: () => false,
    isReady: () => ready,
  })
  const install = (next: Snapshot) => slot.swap(inForceOf(next))
  if (snapshot !== null) install(snapshot)
  const { port } = await traffic.listen({ host: '127.0.0.1', port: 0 })

  return {
    port,
    url: `http://127.0.0.1:${port}`,
    traffic,
    services,
    guards,
    callers,
    clock,
    outcomes,
    nextOutcome() {
      const known = outcomes[taken++]
      return known ? Promise.resolve(known) : new Promise((resolve) => waiting.push(resolve))
    },
    install,
    setReady(is) {
      ready = is
    },
    async close() {
      const drained = traffic.drain({ preStopMs: 0, timeoutMs: 0 })
      await clock.advanceAsync(1)
      await drained
      await callers.close()
      await services.close()
    },
  }
}

/** A snapshot whose two services live at these addresses. */
export function aSnapshotBetween(
  legacyUrl: string,
  newUrl: string,
  overrides: Partial<Snapshot> = {},
): Snapshot {
  return aSnapshot({
    services: [
      aService({ instances: [legacyUrl] }),
      aService({ id: 'new-books', name: 'new-books', instances: [newUrl] }),
    ],
    ...overrides,
  })
}

function inForceOf(snapshot: Snapshot): InForce {
  return {
    table: compileSnapshot(snapshot),
    header: {
      format: 1,
      environmentId: snapshot.environment.id,
      epoch: snapshot.epoch,
      revision: snapshot.revision,
      previousEpoch: null,
      mappingsDeleted: 0,
      auditCheckpoint: null,
      hash: '0'.repeat(64),
      createdAt: '2026-01-01T00:00:00Z',
    },
    services: new Map(snapshot.services.map((service) => [service.id, service])),
  }
}
