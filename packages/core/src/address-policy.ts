import { canonicalAddress, inNetwork, parseAddress, parseNetwork, type Network } from './network.ts'

/** A host (name or address) and a port of our own: control plane, admin port, database. */
export interface Door {
  readonly host: string
  readonly port: number
}

/** Where configured addresses may lead (rule 30). */
export interface AddressPolicy {
  /** `public`, `private`, `loopback` or CIDR networks; null where only what is never allowed is judged. */
  readonly networks: readonly string[] | null
  /** Never reachable, whatever the networks say. */
  readonly doors: readonly Door[]
}

/** For whoever stands elsewhere than the one who connects: refuses what nobody may reach. */
export const anyNetwork: AddressPolicy = { networks: null, doors: [] }

/** Why nothing may be connected to at this address and port, in words; null when it may. */
export function problemOfAddress(text: string, port: number, policy: AddressPolicy): string | null {
  const address = parseAddress(text)
  if (address === null) return 'That is not an IP address in its usual form'
  const forbidden = FORBIDDEN.find(({ network }) => inNetwork(address, network))
  if (forbidden) return forbidden.message
  return problemOfDoor(text, port, policy.doors) ?? problemOfNetwork(address, policy.networks)
}

/** Whether a host and port are ours, by name or address; all loopback addresses count as one. */
export function problemOfDoor(host: string, port: number, doors: readonly Door[]): string | null {
  const isLocal = isLoopbackHost(host)
  if (isLocal && OWN_PORTS_ON_LOOPBACK.has(port)) return OWN
  const same = doors.some(
    (door) =>
      door.port === port &&
      (hostKey(door.host) === hostKey(host) || (isLocal && (isLoopbackHost(door.host) || isAny(door.host)))),
  )
  return same ? OWN : null
}

/** A name that means this machine without asking anybody (RFC 6761 section 6.3), or a loopback address. */
export function isLoopbackHost(host: string): boolean {
  if (/^(.+\.)?(localhost|localhost\.localdomain|localhost6|ip6-localhost|ip6-loopback)\.?$/i.test(host))
    return true
  const address = parseAddress(host)
  return address !== null && CLASSES.loopback.some((network) => inNetwork(address, network))
}

/** Whether the policy lets anything on this machine be reached. */
export function allowsLoopback({ networks }: AddressPolicy): boolean {
  return networks === null || judgesOf(networks).some(({ meets }) => CLASSES.loopback.some(meets))
}

/** What listening on `0.0.0.0` or `::` opens: a door at every address of the machine. */
export function doorsOf({ host, port }: Door, machine: readonly string[]): readonly Door[] {
  return isAny(host)
    ? [{ host, port }, ...machine.map((address) => ({ host: address, port }))]
    : [{ host, port }]
}

/** What cannot be read in a list of networks; null when all can. */
export function problemOfNetworks(networks: readonly string[]): string | null {
  const odd = networks.find((name) => !isClass(name) && parseNetwork(name) === null)
  return odd === undefined ? null : `${odd} is not public, private, loopback or a CIDR network`
}

const OWN = 'That leads to a part of Crossfade itself or to its database'
/** Postgres and NATS, as they come. */
const OWN_PORTS_ON_LOOPBACK: ReadonlySet<number> = new Set([5432, 4222])

type Class = 'public' | 'private' | 'loopback'

const CLASSES: Readonly<Record<Exclude<Class, 'public'>, readonly Network[]>> = {
  loopback: ['127.0.0.0/8', '::1'].map(networkOf),
  private: ['10.0.0.0/8', '172.16.0.0/12', '192.168.0.0/16', '100.64.0.0/10', 'fc00::/7'].map(networkOf),
}
/** Neither public nor private: only a network that names them lets them in. */
const RESERVED = ['192.0.0.0/24', '192.88.99.0/24', '198.18.0.0/15', '240.0.0.0/4', '100::/64'].map(networkOf)

const LINK_LOCAL = 'Link-local addresses, among them cloud metadata, are not allowed'
const METADATA = 'Cloud metadata services are not reachable from here'
const TRANSLATED = 'Addresses that are translated into others are not allowed; give the other one'
const FORBIDDEN = (
  [
    ['0.0.0.0/8', 'That address stands for no host'],
    ['::', 'That address stands for no host'],
    ['169.254.0.0/16', LINK_LOCAL],
    ['fe80::/10', LINK_LOCAL],
    ['fec0::/10', 'Site-local addresses are not allowed'],
    ['fd00:ec2::/32', METADATA],
    ['fd20:ce::254', METADATA],
    ['fd00:42::42', METADATA],
    ['100.100.100.200', METADATA],
    ['168.63.129.16', METADATA],
    ['192.0.0.192', METADATA],
    ['224.0.0.0/4', 'Multicast addresses are not allowed'],
    ['255.255.255.255', 'Broadcast addresses are not allowed'],
    ['ff00::/8', 'Multicast addresses are not allowed'],
    // NAT64 (RFC 6052, 8215), IPv4-translated (RFC 2765), 6to4 (RFC 3056), Teredo (RFC 4380).
    ['64:ff9b::/96', TRANSLATED],
    ['64:ff9b:1::/48', TRANSLATED],
    ['::ffff:0:0:0/96', TRANSLATED],
    ['2002::/16', TRANSLATED],
    ['2001::/32', TRANSLATED],
  ] as const
)
  .map(([text, message]) => ({ network: networkOf(text), message }))
  // IPv4-compatible (RFC 4291 section 2.5.5.1) but for `::1`, which is loopback.
  .concat({ network: { first: 2n, last: 0xffff_ffffn }, message: TRANSLATED })

interface Judge {
  readonly allows: (address: bigint) => boolean
  readonly meets: (network: Network) => boolean
}

const judges = new WeakMap<readonly string[], readonly Judge[]>()

function judgesOf(names: readonly string[]): readonly Judge[] {
  let known = judges.get(names)
  if (!known) {
    known = names.map(judgeOf)
    judges.set(names, known)
  }
  return known
}

function judgeOf(name: string): Judge {
  if (name === 'public') return { allows: isPublic, meets: () => false }
  const networks = isClass(name) ? CLASSES[name as 'private' | 'loopback'] : [networkOf(name)]
  return {
    allows: (address) => networks.some((network) => inNetwork(address, network)),
    meets: (other) => networks.some(({ first, last }) => first <= other.last && last >= other.first),
  }
}

function isPublic(address: bigint): boolean {
  return ![...CLASSES.loopback, ...CLASSES.private, ...RESERVED].some((network) =>
    inNetwork(address, network),
  )
}

function problemOfNetwork(address: bigint, names: readonly string[] | null): string | null {
  if (names === null || judgesOf(names).some(({ allows }) => allows(address))) return null
  return `That is outside the networks allowed here (CROSSFADE_ALLOW_NETWORKS: ${names.join(', ')})`
}

function hostKey(host: string): string {
  const bare = host.replace(/\.$/, '').toLowerCase()
  return canonicalAddress(bare) ?? bare
}

function isAny(host: string): boolean {
  return host === '0.0.0.0' || host === '::'
}

function isClass(name: string): name is Class {
  return name === 'public' || name === 'private' || name === 'loopback'
}

function networkOf(text: string): Network {
  const network = parseNetwork(text)
  if (!network) throw new Error(`Not a network: ${text}`)
  return network
}
