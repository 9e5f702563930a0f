import { problemsOfInstance } from '@crossfade/core/instance-address'
import type { HealthCheck, Service } from '@crossfade/core/model'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { probe, watchHealth } from './health-check.ts'
import { createInstancePool, poolKey, type InstancePool } from './instance-pool.ts'

/** An instance lent to one request; give it back exactly when the request has ended. */
export interface Lease {
  readonly instance: InstancePool
  /** Calling it again does nothing. */
  release(): void
}

export interface ServicePools {
  /** Makes what is new, keeps what is unchanged, closes the rest when its last request has ended. */
  install(services: ReadonlyMap<string, Service>): void
  /** The least busy healthy instance, or the least busy of all when none is healthy; null when there is none. */
  pick(serviceId: string): Lease | null
  /** By service id. */
  healthView(): Record<string, { healthy: number; total: number }>
  close(): Promise<void>
}

interface Entry {
  readonly url: string
  readonly pool: InstancePool
  healthy: boolean
  inFlight: number
  retired: boolean
  check: HealthCheck | null
  stopChecking: () => void
}

export function createServicePools(parts: {
  readonly clock: Clock
  readonly logger: Logger
  readonly random: () => number
}): ServicePools {
  const { clock, logger, random } = parts
  const entries = new Map<string, Entry>()
  let byService = new Map<string, readonly Entry[]>()
  const closing = new Set<Promise<void>>()

  const entryFor = (url: string, service: Service): Entry => {
    const key = poolKey(url, service)
    const known = entries.get(key)
    if (known) return known
    const pool = createInstancePool(url, service)
    const entry = { url, pool, healthy: true, inFlight: 0, retired: false, check: null, stopChecking() {} }
    entries.set(key, entry)
    return entry
  }

  const setCheck = (entry: Entry, service: Service) => {
    const check = service.health
    if (JSON.stringify(check) === JSON.stringify(entry.check)) return
    entry.stopChecking()
    entry.check = check
    entry.healthy ||= check === null
    if (check === null) return
    entry.stopChecking = watchHealth({
      check,
      clock,
      healthy: entry.healthy,
      ask: () => probe(entry.pool, check, clock),
      onChange: (healthy) => {
        entry.healthy = healthy
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

  const install = (services: ReadonlyMap<string, Service>) => {
    const next = new Map<string, readonly Entry[]>()
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
      next.set(service.id, members)
    }
    byService = next
    for (const [key, entry] of entries) if (!kept.has(entry)) retire(key, entry)
  }

  return {
    install,
    pick(serviceId) {
      const entry = leastBusy(byService.get(serviceId) ?? [], random)
      if (!entry) return null
      entry.inFlight += 1
      let lent = true
      return {
        instance: entry.pool,
        release() {
          if (!lent) return
          lent = false
          entry.inFlight -= 1
          if (entry.retired && entry.inFlight === 0) shut(entry)
        },
      }
    },
    healthView() {
      const view: Record<string, { healthy: number; total: number }> = {}
      for (const [id, members] of byService) {
        view[id] = { healthy: members.filter((entry) => entry.healthy).length, total: members.length }
      }
      return view
    },
    async close() {
      install(new Map())
      await Promise.all(closing)
    },
  }
}

/** Starts looking at a random member, so that equally idle ones take turns. */
function leastBusy(members: readonly Entry[], random: () => number): Entry | undefined {
  if (members.length <= 1) return members[0]
  const anyHealthy = members.some((entry) => entry.healthy)
  const offset = Math.floor(random() * members.length)
  let best: Entry | undefined
  for (let i = 0; i < members.length; i++) {
    const entry = members[(offset + i) % members.length]
    if (!entry || (anyHealthy && !entry.healthy)) continue
    if (!best || entry.inFlight < best.inFlight) best = entry
  }
  return best
}
