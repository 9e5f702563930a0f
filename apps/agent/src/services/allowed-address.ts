import { BlockList, isIPv6 } from 'node:net'
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
