import { inNetwork, parseAddress, parseNetwork, type Network } from './network.ts'

/** Why this cannot be a service's instance (rule 30), in words; null when it can. */
export function problemsOfInstance(url: string): string | null {
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url)
  if (/[\u0000-\u0020\u007f\\]/.test(url)) return 'Leave out blanks, control characters and backslashes'
  if (!found) return 'Give an origin such as http://10.0.0.7:8080'
  const [, scheme = '', authority = '', rest = ''] = found
  if (!/^https?$/i.test(scheme)) return 'Only http and https are possible'
  if (authority.includes('@')) return 'Leave out user name and password'
  if (rest.startsWith('?') || rest.includes('?')) return 'Leave out the query'
  if (rest.includes('#')) return 'Leave out the fragment'
  if (rest !== '') return 'Leave out the path, also a last /; a rewrite can add one'
  return problemOfAuthority(authority)
}

/** Why keys cannot be fetched from here (rule 30); null when they can. */
export function problemOfJwksUrl(url: string): string | null {
  const [, origin = '', rest = ''] = /^([^:]*:\/\/[^/?#]*)(.*)$/s.exec(url) ?? []
  if (origin === '') return 'Give an address such as https://login.example.com/.well-known/jwks.json'
  const problem = problemsOfInstance(origin)
  if (problem !== null) return problem
  if (rest.includes('#')) return 'Leave out the fragment'
  return /^$|^[/?][\x21-\x7e]*$/.test(rest) && !rest.includes('\\')
    ? null
    : 'Leave out blanks, backslashes and control characters, and escape other characters'
}

function problemOfAuthority(authority: string): string | null {
  const found = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority)
  if (!found) return 'Give a host, and a port if need be'
  const [, host = '', port] = found
  if (port !== undefined && (Number(port) < 1 || Number(port) > 65_535)) return 'Give a port from 1 to 65535'
  return host.startsWith('[') ? problemOfAddress(host.slice(1, -1)) : problemOfHost(host.toLowerCase())
}

function problemOfHost(host: string): string | null {
  if (host === '') return 'Give a host'
  const name = host.replace(/\.$/, '')
  // Such as 2130706433, 0x7f.1 or 127.1: resolvers read them as IPv4 addresses.
  if (/(^|\.)(0x[0-9a-f]*|\d+)$/.test(name)) return problemOfAddress(name)
  const label = '[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?'
  if (name.length > 253 || !new RegExp(`^${label}(\\.${label})*$`).test(name))
    return 'That is not a host name'
  return METADATA_NAMES.has(name) ? 'Cloud metadata services are not reachable from here' : null
}

/** Also for the address a name turned out to have, at the moment of connecting. */
export function problemOfAddress(text: string): string | null {
  const address = parseAddress(text)
  if (address === null) return 'That is not an IP address in its usual form'
  return FORBIDDEN.find(({ network }) => inNetwork(address, network))?.message ?? null
}

const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'instance-data',
  'metadata.azure.internal',
])

const FORBIDDEN = (
  [
    ['0.0.0.0/8', 'That address stands for no host'],
    ['::/128', 'That address stands for no host'],
    ['169.254.0.0/16', 'Link-local addresses, among them cloud metadata, are not allowed'],
    ['fe80::/10', 'Link-local addresses are not allowed'],
    ['fd00:ec2::254', 'Cloud metadata services are not reachable from here'],
    ['100.100.100.200', 'Cloud metadata services are not reachable from here'],
    ['168.63.129.16', 'Cloud metadata services are not reachable from here'],
    ['224.0.0.0/4', 'Multicast addresses are not allowed'],
    ['255.255.255.255', 'Broadcast addresses are not allowed'],
    ['ff00::/8', 'Multicast addresses are not allowed'],
  ] as const
).map(([text, message]) => ({ network: networkOf(text), message }))

function networkOf(text: string): Network {
  const network = parseNetwork(text)
  if (!network) throw new Error(`Not a network: ${text}`)
  return network
}
