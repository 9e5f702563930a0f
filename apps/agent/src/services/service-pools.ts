import { problemsOfInstance } from '@crossfade/core/instance-address'
import type { HealthCheck, Service } from '@crossfade/core/model'
import { freshInstance, isUsable, noteResult, type InstanceHealth } from '@crossfade/core/policy/outlier'
import { pickInstance } from '@crossfade/core/policy/pick-instance'
import { RetryBudget } from '@crossfade/core/policy/retry-budget'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Addresses } from './addresses.ts'
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
  /** Makes what is new, keeps what is unchanged, closes the rest when its last request has ended. */
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
  stopChecking: () => void
}

export function createServicePools(parts: {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
  readonly addresses: Addresses
}): ServicePools {
  const { clock, logger, random, addresses } = parts
  const entries = new Map<string, Entry>()
  let byService = new Map<string, Members>()
  const closing = new Set<Promise<void>>()

  const entryFor = (url: string, service: Service): Entry => {
    const key = poolKey(url, service)
    const known = entries.get(key)
    if (known) return known
    const pool = createInstancePool(url, service, addresses)
    const health = freshInstance()
    const entry = { url, pool, health, inFlight: 0, retired: false, check: null, stopChecking() {} }
    // One more instance of a service that runs starts cold.
    if (byService.has(service.id)) health.backSince = clock.monotonic()
    entries.set(key, entry)
    return entry
  }

  const setCheck = (entry: Entry, service: Service) => {
    const check = service.health
    if (JSON.stringify(check) === JSON.stringify(entry.check)) return
    entry.stopChecking()
    entry.check = check
    entry.health.checked ||= check === null
    if (check === null) return
    entry.stopChecking = watchHealth({
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

  const install = (services: ReadonlyMap<string, Service>) => {
    const next = new Map<string, Members>()
    const kept = new Set<Entry>()
    for (const service of services.values()) {
      const usable = [...new Set(service.instances)].filter((url) => {
        const problem = problemsOfInstance(url)
        if (problem !== null) logger.error({ service: service.name, problem }, 'instance address refused')
        return problem === null
      })
      const members = usable.map((url) => entryFor(url, service))
      for (const entry of members) {
        kept.add(entry)
        setCheck(entry, service)
      }
      next.set(service.id, { service, entries: members, retries: retriesFor(service) })
    }
    byService = next
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
    async close() {
      install(new Map())
      await Promise.all(closing)
    },
  }
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
