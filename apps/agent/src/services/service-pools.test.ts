import { anyNetwork } from '@crossfade/core/address-policy'
import { createLogger } from '@crossfade/runtime/logger'
import { aService } from '@crossfade/testkit/builders'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import type { Service } from '@crossfade/core/model'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { createAddresses, systemResolve } from './addresses.ts'
import { NO_CLIENT_CERTIFICATES } from './tls-terms.ts'
import { createServicePools, type ServicePools } from './service-pools.ts'

const health = { path: '/health', intervalMs: 1_000, timeoutMs: 500, healthyAfter: 2, unhealthyAfter: 2 }

let clock: ManualClock
let pools: ServicePools
beforeEach(() => {
  clock = manualClock()
  const logger = createLogger('test', 'silent')
  const addresses = createAddresses({ resolve: systemResolve([]), policy: anyNetwork, clock, logger })
  pools = createServicePools({
    clock,
    logger,
    random: () => 0,
    addresses,
    policy: anyNetwork,
    certificates: NO_CLIENT_CERTIFICATES,
  })
})
afterEach(() => pools.close())

const install = (...services: Service[]) =>
  pools.install(new Map(services.map((service) => [service.id, service])))
const hostsPicked = (count: number) =>
  Array.from({ length: count }, () => pools.pick('legacy-books')?.instance.url.host)

describe('picking an instance', () => {
  it('takes the least busy one', () => {
    install(aService({ instances: ['http://a:1', 'http://b:1'] }))
    const first = pools.pick('legacy-books')
    expect(hostsPicked(2)).toEqual(['b:1', 'a:1'])
    first?.release()
    first?.release()
    expect(hostsPicked(2)).toEqual(['a:1', 'a:1'].toSpliced(1, 1, 'b:1'))
  })

  it('finds none in a service that is not there', () => {
    install()
    expect(pools.pick('legacy-books')).toBeNull()
  })

  it('leaves out addresses that no service may have', () => {
    install(aService({ instances: ['http://169.254.169.254', 'http://a:1'] }))
    expect(pools.healthView()).toEqual({ 'legacy-books': { healthy: 1, total: 1 } })
  })
})

describe('a change of configuration', () => {
  it('keeps the pools of instances that did not change', () => {
    install(aService({ instances: ['http://a:1'] }))
    const before = pools.pick('legacy-books')?.instance
    install(aService({ instances: ['http://a:1', 'http://b:1'], name: 'Renamed' }))
    const after = [pools.pick('legacy-books')?.instance, pools.pick('legacy-books')?.instance]
    expect(after).toContain(before)
  })

  it('makes new ones when timeouts change, and closes the old after its last request', async () => {
    install(aService({ instances: ['http://a:1'] }))
    const lease = pools.pick('legacy-books')
    install(aService({ instances: ['http://a:1'], timeouts: { connectMs: 1, firstByteMs: 2, idleMs: 3 } }))
    expect(pools.pick('legacy-books')?.instance).not.toBe(lease?.instance)
    const dispatcher = lease?.instance.dispatcher as unknown as { closed: boolean }
    expect(dispatcher.closed).toBe(false)
    lease?.release()
    expect(dispatcher.closed).toBe(true)
  })
})

describe('an installation that fails', () => {
  it('leaves what was there, and nothing of its own', async () => {
    const followed: string[] = []
    const addresses = createAddresses({
      resolve: systemResolve([]),
      policy: anyNetwork,
      clock,
      logger: createLogger('test', 'silent'),
    })
    const refusing: typeof addresses = {
      ...addresses,
      follow(hostname, onGone) {
        if (hostname === 'broken') throw new Error('No more names')
        followed.push(hostname)
        const stop = addresses.follow(hostname, onGone)
        return () => {
          followed.splice(followed.indexOf(hostname), 1)
          stop()
        }
      },
    }
    const own = createServicePools({
      clock,
      logger: createLogger('test', 'silent'),
      random: () => 0,
      addresses: refusing,
      certificates: NO_CLIENT_CERTIFICATES,
      policy: anyNetwork,
    })
    const put = (...instances: string[]) =>
      own.install(new Map([['legacy-books', aService({ instances, health })]]))
    put('http://a:1')
    expect(() => put('http://b:1', 'http://broken:1')).toThrow('No more names')
    expect(own.pick('legacy-books')?.instance.url.host).toBe('a:1')
    expect(own.healthView()).toEqual({ 'legacy-books': { healthy: 1, total: 1 } })
    expect(followed).toEqual(['a'])
    put('http://c:1')
    expect(own.pick('legacy-books')?.instance.url.host).toBe('c:1')
    await own.close()
  })
})

describe('health checks', () => {
  let sick: Upstream
  let well: Upstream
  beforeEach(async () => {
    sick = await startUpstream()
    well = await startUpstream()
  })
  afterEach(() => Promise.all([sick.close(), well.close()]))

  const healthy = () => pools.healthView()['legacy-books']?.healthy
  /** Lets one more check of each instance begin and end. */
  const nextCheck = async () => {
    const seen = sick.received.length
    await clock.advanceAsync(health.intervalMs)
    await expect.poll(() => sick.received.length).toBeGreaterThan(seen)
    await clock.advanceAsync(0)
  }

  it('put an instance out after failures in a row, and back after successes in a row', async () => {
    sick.answer((_request, response) => void response.writeHead(503).end())
    install(aService({ instances: [sick.url, well.url], health }))
    await expect.poll(() => sick.received.length).toBe(1)
    expect(healthy()).toBe(2)
    await nextCheck()
    await expect.poll(healthy).toBe(1)
    expect(new Set(hostsPicked(6))).toEqual(new Set([new URL(well.url).host]))

    sick.answer((_request, response) => void response.end('better'))
    await nextCheck()
    expect(healthy()).toBe(1)
    await nextCheck()
    await expect.poll(healthy).toBe(2)
  })

  it('count an answer that takes too long as a failure', async () => {
    sick.answer(() => {})
    install(aService({ instances: [sick.url], health: { ...health, unhealthyAfter: 1 } }))
    await expect.poll(() => sick.received.length).toBe(1)
    await clock.advanceAsync(health.timeoutMs)
    await expect.poll(healthy).toBe(0)
    // Better the sick one than nobody.
    expect(hostsPicked(1)).toEqual([new URL(sick.url).host])
  })

  it('stop with their service', async () => {
    install(aService({ instances: [sick.url], health }))
    await expect.poll(() => sick.received.length).toBe(1)
    await expect.poll(() => clock.pending()).toBe(1)
    install()
    expect(clock.pending()).toBe(0)
  })
})
