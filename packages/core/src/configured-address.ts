import {
  allowsLoopback,
  isLoopbackHost,
  problemOfAddress,
  problemOfDoor,
  type AddressPolicy,
} from './address-policy.ts'

/** What a configured address is for. Health checks go to the service's own instances. */
export type AddressPurpose = 'service' | 'webhook' | 'jwks' | 'nats'

/** Why this cannot be used for that (rule 30), in words; null when it can. Never repeats what was given. */
export function problemOfUrl(url: string, purpose: AddressPurpose, policy: AddressPolicy): string | null {
  const { schemes, isOrigin, example } = PURPOSES[purpose]
  // Before anything is parsed: parsers drop tabs and line breaks and turn backslashes.
  if (/[\u0000-\u0020\u007f-\u00a0\u2028\u2029\\]/.test(url))
    return 'Leave out blanks, control characters and backslashes'
  const found = /^([a-z][a-z0-9+.-]*):\/\/([^/?#]*)(.*)$/i.exec(url)
  if (!found) return `Give an address such as ${example}`
  const [, given = '', authority = '', rest = ''] = found
  const scheme = given.toLowerCase()
  const defaultPort = schemes[scheme]
  if (defaultPort === undefined) return `Only ${Object.keys(schemes).join(' and ')} are possible`
  if (authority.includes('@')) return 'Leave out user name and password'
  const problem = problemOfRest(rest, isOrigin)
  if (problem !== null) return problem

  const [, host, port = String(defaultPort)] = /^(\[[^\]]*\]|[^:]*)(?::(\d{1,5}))?$/.exec(authority) ?? []
  if (host === undefined) return 'Give a host, and a port if need be'
  if (Number(port) < 1 || Number(port) > 65_535) return 'Give a port from 1 to 65535'
  const bare = host.startsWith('[') ? host.slice(1, -1) : host
  // Whoever sits between could replace the keys that tokens are checked with.
  if (purpose === 'jwks' && scheme === 'http' && !isLoopbackHost(bare)) {
    return 'Give an https address; http is possible on this machine only'
  }
  return host.startsWith('[')
    ? problemOfAddress(bare.includes(':') ? bare : '', Number(port), policy)
    : problemOfHost(host.toLowerCase(), Number(port), policy)
}

interface Form {
  /** With the port each has by itself. */
  readonly schemes: Readonly<Record<string, number>>
  /** Without path and query. */
  readonly isOrigin: boolean
  readonly example: string
}

const web = { http: 80, https: 443 }
const PURPOSES: Readonly<Record<AddressPurpose, Form>> = {
  service: { schemes: web, isOrigin: true, example: 'http://10.0.0.7:8080' },
  webhook: { schemes: web, isOrigin: false, example: 'https://chat.example.com/hooks/7' },
  jwks: { schemes: web, isOrigin: false, example: 'https://login.example.com/.well-known/jwks.json' },
  nats: {
    schemes: { nats: 4222, tls: 4222, ws: 80, wss: 443 },
    isOrigin: true,
    example: 'tls://nats.internal:4222',
  },
}

function problemOfRest(rest: string, isOrigin: boolean): string | null {
  if (rest.includes('#')) return 'Leave out the fragment'
  if (!isOrigin)
    return /^$|^[/?][\x21-\x7e]*$/.test(rest) ? null : 'Escape other characters than those of ASCII'
  if (rest.includes('?')) return 'Leave out the query'
  return rest === '' ? null : 'Leave out the path, also a last /; a rewrite can add one'
}

function problemOfHost(host: string, port: number, policy: AddressPolicy): string | null {
  if (host === '') return 'Give a host'
  const name = host.replace(/\.$/, '')
  // Such as 2130706433, 0x7f.1 or 127.1: resolvers read them as IPv4 addresses (WHATWG URL, "ends in a number").
  if (/(^|\.)(0x[0-9a-f]*|\d+)$/.test(name)) return problemOfAddress(host, port, policy)
  if (name.length > 253 || !name.split('.').every((label) => LABEL.test(label)))
    return 'That is not a host name'
  if (METADATA_NAMES.has(name)) return 'Cloud metadata services are not reachable from here'
  if (isLoopbackHost(name) && !allowsLoopback(policy)) {
    return `That is outside the networks allowed here (CROSSFADE_ALLOW_NETWORKS: ${policy.networks?.join(', ')})`
  }
  return problemOfDoor(name, port, policy.doors)
}

const LABEL = /^[a-z0-9_]([a-z0-9_-]{0,61}[a-z0-9_])?$/

const METADATA_NAMES = new Set([
  'metadata',
  'metadata.google.internal',
  'metadata.goog',
  'instance-data',
  'instance-data.ec2.internal',
  'metadata.azure.internal',
  'metadata.azure.com',
  'metadata.tencentyun.com',
  'metadata.packet.net',
  'metadata.platformequinix.com',
])
