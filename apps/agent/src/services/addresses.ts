import { Resolver } from 'node:dns'
import { readFile } from 'node:fs/promises'
import { isIP, type LookupFunction } from 'node:net'
import { problemOfAddress, type AddressPolicy, type Door } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import { findBySystem, guardedLookup, type FoundAddress } from '@crossfade/runtime/guarded-lookup'
import type { Logger } from '@crossfade/runtime/logger'
/** Addresses of a name and how long they hold. Rejects when there are none. */
export type Resolve = (hostname: string) => Promise<{ addresses: readonly FoundAddress[]; ttlMs: number }>

/** The addresses of services' names, followed as they change. */
export interface Addresses {
  /** For connections to this port: hands out allowed addresses only (rule 30). */
  lookupFor(port: number): LookupFunction
  /**
   * Calls back when an address of the name is gone, from the first lookup on. The answer stops it.
   */
  follow(hostname: string, onGone: () => void): () => void
  close(): void
}

interface Known {
  addresses: readonly FoundAddress[]
  until: number
  /** One question at a time. */
  asking: Promise<readonly FoundAddress[]> | null
  readonly followers: Set<() => void>
  cancel: () => void
}

/** A name with a shorter life is asked about this often. */
const LEAST_TTL_MS = 1_000
const LONGEST_TTL_MS = 60_000
/** While a name server does not answer, what was known goes on being used, and is asked about again after this. */
const RETRY_MS = 1_000

export function createAddresses(parts: {
  readonly resolve: Resolve
  readonly policy: AddressPolicy
  readonly clock: Clock
  readonly logger: Logger
}): Addresses {
  const { resolve, policy, clock, logger } = parts
  const names = new Map<string, Known>()
  let closed = false

  const knownOf = (hostname: string): Known => {
    const known = names.get(hostname) ?? {
      addresses: [],
      until: 0,
      asking: null,
      followers: new Set(),
      cancel() {},
    }
    names.set(hostname, known)
    return known
  }

  const ask = async (hostname: string, known: Known): Promise<readonly FoundAddress[]> => {
    const before = known.addresses
    try {
      const { addresses, ttlMs } = await resolve(hostname)
      known.addresses = addresses
      known.until = clock.monotonic() + Math.min(LONGEST_TTL_MS, Math.max(LEAST_TTL_MS, ttlMs))
    } catch (err) {
      if (before.length === 0) throw err
      known.until = clock.monotonic() + RETRY_MS
      logger.warn({ hostname, err }, 'name not resolved; the last addresses stay in use')
    }
    const gone = before.some((old) => !known.addresses.some((now) => now.address === old.address))
    if (gone) {
      logger.info({ hostname, addresses: known.addresses.map(({ address }) => address) }, 'addresses changed')
      for (const tell of known.followers) tell()
    }
    schedule(hostname, known)
    return known.addresses
  }

  const current = (hostname: string): Promise<readonly FoundAddress[]> => {
    const known = knownOf(hostname)
    if (known.addresses.length > 0 && clock.monotonic() < known.until) return Promise.resolve(known.addresses)
    return refresh(hostname, known)
  }

  const refresh = (hostname: string, known: Known): Promise<readonly FoundAddress[]> => {
    known.asking ??= ask(hostname, known).finally(() => {
      known.asking = null
    })
    return known.asking
  }

  const schedule = (hostname: string, known: Known) => {
    known.cancel()
    if (closed || known.followers.size === 0) return
    known.cancel = clock.after(Math.max(0, known.until - clock.monotonic()), () => {
      // Not `current`: timers may be a little early.
      refresh(hostname, known).catch((err: unknown) => logger.debug({ hostname, err }, 'name not resolved'))
    })
  }

  /** Where our own parts are that we know by name. Behind a shared ingress an address says nothing. */
  const namedDoors = async (port: number): Promise<readonly Door[]> => {
    if (port === 80 || port === 443) return []
    const named = policy.doors.filter((door) => door.port === port && isIP(door.host) === 0)
    const found = await Promise.all(named.map(({ host }) => current(host).catch(() => [])))
    return found.flat().map(({ address }) => ({ host: address, port }))
  }

  return {
    lookupFor: (port) =>
      guardedLookup(current, async (address) => {
        const doors = [...policy.doors, ...(await namedDoors(port))]
        return problemOfAddress(address, port, { ...policy, doors })
      }),
    follow(hostname, onGone) {
      // A literal never changes.
      if (isIP(hostname) !== 0) return () => {}
      const known = knownOf(hostname)
      known.followers.add(onGone)
      return () => {
        known.followers.delete(onGone)
        if (known.followers.size > 0) return
        known.cancel()
        names.delete(hostname)
      }
    },
    close() {
      closed = true
      for (const known of names.values()) known.cancel()
    },
  }
}

/**
 * The hosts file first, then name servers, which tell how long an answer holds (`dns.lookup` does not). What they
 * do not know, a short name for example, is left to the system.
 */
export function systemResolve(servers: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: 2_000, tries: 2 })
  if (servers.length > 0) resolver.setServers([...servers])

  return async (hostname) => {
    const named = /[^.]\.[^.]/.test(hostname) && !(await inHostsFile(hostname))
    if (named) {
      const found = await Promise.all([records(resolver, hostname, 4), records(resolver, hostname, 6)])
      const all = found.flat()
      if (all.length > 0) {
        return {
          addresses: all.map(({ address, family }) => ({ address, family })),
          ttlMs: Math.min(...all.map(({ ttl }) => ttl)) * 1_000,
        }
      }
    }
    return { addresses: await findBySystem(hostname), ttlMs: 5_000 }
  }
}

type Family = FoundAddress['family']

/** Empty when the servers do not say. */
function records(resolver: Resolver, hostname: string, family: Family) {
  return new Promise<(FoundAddress & { readonly ttl: number })[]>((resolve) => {
    const done = (error: Error | null, found: readonly { address: string; ttl: number }[]) =>
      resolve(error ? [] : found.map(({ address, ttl }) => ({ address, ttl, family })))
    if (family === 4) resolver.resolve4(hostname, { ttl: true }, done)
    else resolver.resolve6(hostname, { ttl: true }, done)
  })
}

async function inHostsFile(hostname: string): Promise<boolean> {
  const text = await readFile('/etc/hosts', 'utf8').catch(() => '')
  return text.split('\n').some((line) => {
    const [, ...names] = (line.split('#', 1)[0] ?? '').trim().toLowerCase().split(/\s+/)
    return names.includes(hostname.toLowerCase())
  })
}
