import { type AddressPolicy } from '@crossfade/core/address-policy'
import type { FoundAddress } from '@crossfade/runtime/guarded-lookup'
import { createLogger } from '@crossfade/runtime/logger'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { describe, expect, it } from 'vitest'
import { createAddresses } from './addresses.ts'

function rig(policy: AddressPolicy = { networks: ['private'], doors: [] }) {
  const clock = manualClock()
  let answer: { addresses: FoundAddress[]; ttlMs: number } | Error = { addresses: [], ttlMs: 0 }
  let asked = 0
  const addresses = createAddresses({
    clock,
    policy,
    logger: createLogger('test', 'silent'),
    async resolve() {
      asked += 1
      if (answer instanceof Error) throw answer
      return answer
    },
  })
  return {
    clock,
    addresses,
    asked: () => asked,
    say: (ttlMs: number, ...list: string[]) => {
      answer = { ttlMs, addresses: list.map((address) => ({ address, family: 4 as const })) }
    },
    fail: () => {
      answer = new Error('no answer')
    },
    lookup: (hostname = 'books.test', port = 80) =>
      new Promise((resolve) => {
        addresses.lookupFor(port)(hostname, {}, (error, address) => resolve(error?.code ?? address))
      }),
  }
}

describe('addresses of a name', () => {
  it('are asked for once while they hold', async () => {
    const { lookup, say, asked, clock } = rig()
    say(2_000, '10.0.0.1')
    expect([await lookup(), await lookup()]).toEqual(['10.0.0.1', '10.0.0.1'])
    expect(asked()).toBe(1)
    clock.advance(2_000)
    say(2_000, '10.0.0.2')
    expect(await lookup()).toBe('10.0.0.2')
  })

  it('are followed by their time to live, and whoever follows hears when one is gone', async () => {
    const { addresses, lookup, say, clock } = rig()
    let gone = 0
    const stop = addresses.follow('books.test', () => (gone += 1))
    say(1_000, '10.0.0.1', '10.0.0.2')
    await lookup()
    say(1_000, '10.0.0.2', '10.0.0.1', '10.0.0.3')
    await clock.advanceAsync(1_000)
    expect(gone).toBe(0)
    say(1_000, '10.0.0.3')
    await clock.advanceAsync(1_000)
    expect(gone).toBe(1)
    stop()
    expect(clock.pending()).toBe(0)
  })

  it('stay in use while name servers do not answer', async () => {
    const { lookup, say, fail, clock } = rig()
    say(1_000, '10.0.0.1')
    await lookup()
    fail()
    clock.advance(5_000)
    expect(await lookup()).toBe('10.0.0.1')
  })

  it.each(['169.254.169.254', '0.0.0.0', '127.0.0.1', '203.0.113.9', '64:ff9b::a9fe:a9fe', 'fe80::1%eth0'])(
    'are refused when they are %s, also the second time',
    async (bad) => {
      const { lookup, say, clock } = rig()
      say(1_000, '10.0.0.1')
      await lookup()
      clock.advance(1_000)
      say(1_000, bad)
      expect(await lookup()).toBe('ERR_ADDRESS_REFUSED')
    },
  )

  it('are refused when they are those of our own parts at that port, known by name', async () => {
    const control = { host: 'control.test', port: 4400 }
    const { lookup, say } = rig({ networks: ['private'], doors: [control, { ...control, port: 443 }] })
    say(1_000, '10.0.0.1')
    expect(await lookup('books.test', 4400)).toBe('ERR_ADDRESS_REFUSED')
    expect(await lookup('books.test', 4401)).toBe('10.0.0.1')
    // A shared ingress.
    expect(await lookup('books.test', 443)).toBe('10.0.0.1')
  })
})
