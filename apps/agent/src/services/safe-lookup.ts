import { lookup } from 'node:dns'
import { BlockList, isIPv6, type LookupFunction } from 'node:net'
import { problemOfAddress } from '@crossfade/core/instance-address'

/** IPv6 addresses a translator turns into any IPv4 one, forbidden ones too: NAT64, 6to4, IPv4-compatible. */
const translated = new BlockList()
translated.addSubnet('64:ff9b::', 96, 'ipv6')
translated.addSubnet('64:ff9b:1::', 48, 'ipv6')
translated.addSubnet('2002::', 16, 'ipv6')

/** Whether an address may be connected to, whatever name led to it (rule 30). */
export function mayConnect(address: string): boolean {
  if (isIPv6(address) && translated.check(address, 'ipv6')) return false
  return problemOfAddress(address.replace(/%.*$/, '')) === null
}

/**
 * `dns.lookup` that hands out allowed addresses only. The connection is made to exactly what this
 * returned, so a name that changes its mind between check and use gains nothing.
 */
export const safeLookup: LookupFunction = (hostname, options, callback) => {
  lookup(hostname, { ...options, all: true }, (error, addresses) => {
    if (error) return callback(error, '')
    const allowed = addresses.filter(({ address }) => mayConnect(address))
    const [first] = allowed
    if (!first) return callback(addressRefused(hostname), '')
    if (options.all === true) return callback(null, allowed)
    return callback(null, first.address, first.family)
  })
}

function addressRefused(hostname: string): NodeJS.ErrnoException {
  return Object.assign(new Error(`${hostname} resolves to an address no service may have`), {
    code: 'ERR_ADDRESS_REFUSED',
  })
}
