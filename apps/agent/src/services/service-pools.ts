import type { AddressPolicy } from '@crossfade/core/address-policy'
import { problemOfUrl } from '@crossfade/core/configured-address'
import type { HealthCheck, Service } from '@crossfade/core/model'
import { freshInstance, isUsable, noteResult, type InstanceHealth } from '@crossfade/core/policy/outlier'
import { pickInstance } from '@crossfade/core/policy/pick-instance'
import { RetryBudget } from '@crossfade/core/policy/retry-budget'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Addresses } from './addresses.ts'
import type { ClientCertificates } from './tls-terms.ts'
import { probe, watchHealth } from './health-check.ts'
import { createInstancePool, poolKey, type InstancePool } from './instance-pool.ts'

/** An instance lent to one request; give it back exactly when the request has ended. */
export interface Lease {
  readonly instance: InstancePool
  /** All connections are busy: how long the request may wait for one, in ms. Null when it need not. */
  readonly patienceMs: number | null
  /** What the instance did with it; enough failures in a row and it is left out for a while. */
  note(succeeded: boolean): void
  /** Calling it again does nothing. */
  release(): void
}

/** How often requests to a service may be tried. */
export interface Retries {
  readonly tries: number
  readonly budget: RetryBudget
}

export interface ServicePools {
  /**
   * Makes what is new, keeps what is unchanged, closes the rest when its last request has ended. What throws has
   * changed nothing.
   */
  install(services: ReadonlyMap<string, Service>): void
  /**
   * The least busy healthy instance, or the least busy of all when none is healthy; another than `not` if there
   * is one. Null when there is none, or so many requests wait for it that one more would not help.
   */
  pick(serviceId: string, not?: InstancePool): Lease | null
  /** Whether `pick` said null because too many requests wait. */
  isFull(serviceId: string): boolean
  /** Null for a service that is not there. */
  retriesOf(serviceId: string): Retries | null
  /** By service id. */
  healthView(): Record<string, { healthy: number; total: number }>
  /** One line for each instance that this agent and it do not trust each other. */
  warnings(): readonly string[]
  close(): Promise<void>
}

/** A service as it is installed. */
interface Members {
  readonly service: Service
  readonly entries: readonly Entry[]
  readonly retries: Retries
}

interface Entry {
  readonly url: string
  readonly pool: InstancePool
  readonly health: InstanceHealth
  inFlight: number
  retired: boolean
  check: HealthCheck | null
  /** Why the last connection over TLS came to nothing; null when it did not. */
  distrust: string | null
  stopChecking: () => void
}

/** A check under way that its entry does not know of yet. */
interface Checking {
  readonly entry: Entry
  readonly check: HealthCheck | null
  readonly stop: () => void
}

interface Built {
  readonly next: Map<string, Members>
  /** By pool key. */
  readonly made: ReadonlyMap<string, Entry>
  readonly checks: readonly Checking[]
}

export function createServicePools(parts: {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly addresses: Addresses
  readonly policy: AddressPolicy
  readonly certificates: ClientCertificates
}): ServicePools {
  const { clock, logger, random, addresses, policy, certificates } = parts
  const entries = new Map<string, Entry>()
  let byService = new Map<string, Members>()
  const closing = new Set<Promise<void>>()

  const makeEntry = (url: string, service: Service): Entry => {
    const onTrust = (problem: string | null) => {
      if (problem === entry.distrust) return
      entry.distrust = problem
      const about = { service: service.name, instance: url, problem }
      if (problem === null) logger.info(about, 'instance and agent trust each other again')
      else logger.error(about, 'instance and agent do not trust each other; nothing is sent to it')
    }
    const pool = createInstancePool(url, service, { addresses, certificates, onTrust })
    const health = freshInstance()
    // One more instance of a service that runs starts cold.
    if (byService.has(service.id)) health.backSince = clock.monotonic()
    const entry: Entry = {
      url,
      pool,
      health,
      inFlight: 0,
      retired: false,
      check: null,
      distrust: null,
      stopChecking() {},
    }
    return entry
  }

  /** Begins the check that a service asks for; null when it is the one under way. */
  const checkFor = (entry: Entry, service: Service): Checking | null => {
    const check = service.health
    if (JSON.stringify(check) === JSON.stringify(entry.check)) return null
    if (check === null) return { entry, check, stop() {} }
    const stop = watchHealth({
      check,
      clock,
      healthy: entry.health.checked,
      ask: () => probe(entry.pool, check, clock),
      onChange: (healthy) => {
        entry.health.checked = healthy
        if (healthy) entry.health.backSince = clock.monotonic()
        logger.warn(
          { service: service.name, instance: entry.url },
          healthy ? 'instance is healthy again' : 'instance is unhealthy',
        )
      },
    })
    return { entry, check, stop }
  }

  const shut = (entry: Entry) => {
    const done = entry.pool
      .close()
      .catch((err: unknown) => logger.debug({ err, instance: entry.url }, 'pool did not close cleanly'))
      .finally(() => closing.delete(done))
    closing.add(done)
  }

  const retire = (key: string, entry: Entry) => {
    entries.delete(key)
    entry.retired = true
    entry.stopChecking()
    if (entry.inFlight === 0) shut(entry)
  }

  /** Budgets outlive a change of anything else. */
  const retriesFor = (service: Service): Retries => {
    const known = byService.get(service.id)
    if (known && JSON.stringify(known.service.retry) === JSON.stringify(service.retry)) return known.retries
    return { tries: service.retry.tries, budget: new RetryBudget(service.retry) }
  }

  const note = (entry: Entry, { service, entries: all }: Members, succeeded: boolean) => {
    const { outlier } = service
    if (outlier === null || (succeeded && entry.health.failuresInARow === 0)) return
    const health = all.map((one) => one.health)
    if (!noteResult(entry.health, succeeded, clock.monotonic(), outlier, health)) return
    const forMs = entry.health.ejectedUntil - clock.monotonic()
    logger.warn({ service: service.name, instance: entry.url, forMs }, 'instance is left out: it fails')
  }

  /** Everything that may fail, aside: what it began is ended again when it does. */
  const build = (services: ReadonlyMap<string, Service>): Built => {
    const next = new Map<string, Members>()
    const made = new Map<string, Entry>()
    const checks: Checking[] = []
    try {
      for (const service of services.values()) {
        const members = usableOf(service).map((url) => {
          const key = poolKey(url, service)
          const entry = entries.get(key) ?? makeEntry(url, service)
          if (!entries.has(key)) made.set(key, entry)
          const checking = checkFor(entry, service)
          if (checking !== null) checks.push(checking)
          return entry
        })
        next.set(service.id, { service, entries: members, retries: retriesFor(service) })
      }
    } catch (error) {
      for (const { stop } of checks) stop()
      for (const entry of made.values()) shut(entry)
      throw error
    }
    return { next, made, checks }
  }

  const usableOf = (service: Service) =>
    [...new Set(service.instances)].filter((url) => {
      const problem = problemOfUrl(url, 'service', policy)
      if (problem !== null) logger.error({ service: service.name, problem }, 'instance address refused')
      return problem === null
    })

  const install = (services: ReadonlyMap<string, Service>) => {
    const { next, made, checks } = build(services)
    for (const { entry, check, stop } of checks) {
      entry.stopChecking()
      entry.check = check
      entry.stopChecking = stop
      entry.health.checked ||= check === null
    }
    for (const [key, entry] of made) entries.set(key, entry)
    byService = next
    const kept = new Set([...next.values()].flatMap((members) => members.entries))
    for (const [key, entry] of entries) if (!kept.has(entry)) retire(key, entry)
  }

  return {
    install,
    pick(serviceId, not) {
      const members = byService.get(serviceId)
      if (!members) return null
      const entry = choose(members, clock, random, not)
      if (!entry) return null
      const { connectionsPerInstance, maxPending, pendingTimeoutMs } = members.service.pool
      if (entry.inFlight >= connectionsPerInstance + maxPending) return null
      const patienceMs = entry.inFlight >= connectionsPerInstance ? pendingTimeoutMs : null
      entry.inFlight += 1
      let lent = true
      return {
        instance: entry.pool,
        patienceMs,
        note: (succeeded) => note(entry, members, succeeded),
        release() {
          if (!lent) return
          lent = false
          entry.inFlight -= 1
          if (entry.retired && entry.inFlight === 0) shut(entry)
        },
      }
    },
    isFull: (serviceId) => (byService.get(serviceId)?.entries.length ?? 0) > 0,
    retriesOf: (serviceId) => byService.get(serviceId)?.retries ?? null,
    healthView() {
      const view: Record<string, { healthy: number; total: number }> = {}
      const now = clock.monotonic()
      for (const [id, { entries: members }] of byService) {
        const healthy = members.filter((entry) => isUsable(entry.health, now)).length
        view[id] = { healthy, total: members.length }
      }
      return view
    },
    warnings: () => [...byService.values()].flatMap((members) => distrustOf(members, certificates)),
    async close() {
      install(new Map())
      await Promise.all(closing)
    },
  }
}

/** A missing certificate is told of before anybody asks for the service. */
function distrustOf({ service, entries }: Members, certificates: ClientCertificates): string[] {
  const { name } = service
  const { clientCertificate } = service.tls
  if (!entries.some(({ pool }) => pool.url.protocol === 'https:')) return []
  if (clientCertificate !== null && certificates.get(clientCertificate) === null) {
    return [
      `${name} asks for the client certificate ${clientCertificate}, which is not in CROSSFADE_CLIENT_CERTS`,
    ]
  }
  return entries.flatMap(({ url, distrust }) =>
    distrust === null ? [] : [`${name}: no trusted connection to ${url} (${distrust})`],
  )
}

function choose(
  { service, entries }: Members,
  clock: Clock,
  random: () => number,
  not: InstancePool | undefined,
): Entry | null {
  if (entries.length === 1) return entries[0] ?? null
  const failed = not === undefined ? null : (entries.find((entry) => entry.pool === not) ?? null)
  return pickInstance(entries, clock.monotonic(), random(), service.slowStartMs, failed)
}
