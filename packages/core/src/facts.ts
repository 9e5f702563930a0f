import { bytesOfText } from './bytes.ts'
import { readTarget } from './canonical-path.ts'
import type { ByteString, RequestFacts } from './model.ts'
import { canonicalAddress } from './network.ts'

export interface FactsParts {
  readonly method: string
  /** With or without port, in any case. */
  readonly host: string
  /** Origin form; an ambiguous path is taken as received. */
  readonly target: string
  /** Names in any case; values as bytes on the wire. The first of several wins. */
  readonly headers?: readonly (readonly [name: string, value: ByteString])[]
  readonly clientIp?: string
  readonly entropy?: number
  readonly now?: number
  readonly callerDigest?: string | null
  readonly claims?: RequestFacts['claims']
}

/** Facts from parts, for tests and explanations; an agent builds its own straight from the socket. */
export function factsOf(parts: FactsParts): RequestFacts {
  const reading = readTarget(parts.target, { encodedSlash: 'keep' })
  const headers = new Map<string, ByteString>()
  for (const [name, value] of parts.headers ?? []) {
    const key = name.toLowerCase()
    if (!headers.has(key)) headers.set(key, value)
  }
  return {
    method: parts.method,
    host: hostOf(parts.host),
    path: reading.path,
    receivedPath: reading.received,
    query: reading.query,
    header: (name) => headers.get(name),
    clientIp: canonicalAddress(parts.clientIp ?? '') ?? parts.clientIp ?? '',
    claims: parts.claims ?? {},
    callerDigest: parts.callerDigest ?? null,
    now: parts.now ?? 0,
    entropy: parts.entropy ?? 0,
  }
}

/** Headers given as text (API, form) as the bytes a client would send. */
export function headersOfText(
  headers: Readonly<Record<string, string>>,
): [name: string, value: ByteString][] {
  return Object.entries(headers).map(([name, value]) => [name, bytesOfText(value)])
}

/** A `Host` header as matching wants it: lower case, without port and without the root's dot. */
export function hostOf(header: string): string {
  return header.toLowerCase().replace(/:\d*$/, '').replace(/\.$/, '')
}

/** First value of a cookie as it stands in the header, quotes included (RFC 6265 section 5.4). */
export function cookieValue(header: ByteString | undefined, name: string): ByteString | undefined {
  if (header === undefined || header === '') return undefined
  for (let at = 0; at < header.length;) {
    const semicolon = header.indexOf(';', at)
    const end = semicolon === -1 ? header.length : semicolon
    const equals = header.indexOf('=', at)
    if (equals !== -1 && equals < end && trimBlanks(header.slice(at, equals)) === name) {
      return trimBlanks(header.slice(equals + 1, end))
    }
    at = end + 1
  }
  return undefined
}

/** `trim` would also eat the byte A0, which is part of many UTF-8 characters. */
function trimBlanks(bytes: ByteString): ByteString {
  return bytes.replace(/^[ \t]+|[ \t]+$/g, '')
}

/** First value of a query parameter as received; its name may be spelled with escapes. */
export function queryValue(query: string, name: string): ByteString | undefined {
  if (query === '') return undefined
  for (const pair of query.split('&')) {
    const equals = pair.indexOf('=')
    const key = equals === -1 ? pair : pair.slice(0, equals)
    if (key === name || queryText(key) === bytesOfText(name))
      return equals === -1 ? '' : pair.slice(equals + 1)
  }
  return undefined
}

/** A query name or value with `+` and escapes decoded to bytes; broken escapes stay as they are. */
export function queryText(encoded: string): ByteString {
  if (!/[%+]/.test(encoded)) return encoded
  return encoded
    .replaceAll('+', ' ')
    .replace(/%([0-9A-Fa-f]{2})/g, (_, hex: string) => String.fromCharCode(Number.parseInt(hex, 16)))
}
