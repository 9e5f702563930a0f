import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { canonicalAddress, formatAddress, inNetwork, parseAddress, parseNetwork } from './network.ts'

describe('an address', () => {
  it.each([
    ['192.0.2.1', '192.0.2.1'],
    ['::ffff:192.0.2.1', '192.0.2.1'],
    ['::FFFF:C000:201', '192.0.2.1'],
    ['2001:0DB8:0000:0000:0001:0000:0000:0001', '2001:db8::1:0:0:1'],
    ['2001:db8:0:1:1:1:1:1', '2001:db8:0:1:1:1:1:1'],
    ['0:0:0:0:0:0:0:0', '::'],
    ['::1', '::1'],
    ['1::', '1::'],
    ['64:ff9b::192.0.2.33', '64:ff9b::c000:221'],
    ['fe80::1:2:3:4', 'fe80::1:2:3:4'],
  ])('%s has the text form %s (RFC 5952)', (text, form) => {
    expect(canonicalAddress(text)).toBe(form)
  })

  it.each([
    '',
    'localhost',
    '1.2.3',
    '1.2.3.256',
    '01.2.3.4',
    '1.2.3.4.5',
    ':::',
    '1::2::3',
    '1:2:3:4:5:6:7',
    '1:2:3:4:5:6:7:8:9',
    '12345::',
    'g::',
    'fe80::1%eth0',
    '::1.2.3',
    '[::1]',
    '1.2.3.4:80',
  ])('is not %j', (text) => {
    expect(parseAddress(text)).toBeNull()
  })

  it('comes back from its text form', () => {
    fc.assert(
      fc.property(fc.bigInt({ min: 0n, max: (1n << 128n) - 1n }), (address) => {
        expect(parseAddress(formatAddress(address))).toBe(address)
      }),
    )
  })
})

describe('a network', () => {
  it.each([
    ['10.0.0.0/8', '10.255.0.1', true],
    ['10.0.0.0/8', '11.0.0.1', false],
    ['10.1.2.3/8', '10.0.0.1', true],
    ['10.0.0.0/8', '::ffff:10.0.0.1', true],
    ['0.0.0.0/0', '203.0.113.9', true],
    ['0.0.0.0/0', '2001:db8::1', false],
    ['2001:db8::/32', '2001:db8:ffff::1', true],
    ['2001:db8::/32', '2001:db9::1', false],
    ['192.0.2.1', '192.0.2.1', true],
    ['192.0.2.1', '192.0.2.2', false],
  ])('%s with %s: %s', (network, address, inside) => {
    const [parsedNetwork, parsed] = [parseNetwork(network), parseAddress(address)]
    expect(parsedNetwork !== null && parsed !== null && inNetwork(parsed, parsedNetwork)).toBe(inside)
  })

  it.each(['10.0.0.0/33', '10.0.0.0/', '10.0.0.0/08', '10.0.0/8', '::/129', 'lan/8', '/8'])(
    'is not %s',
    (text) => {
      expect(parseNetwork(text)).toBeNull()
    },
  )
})
