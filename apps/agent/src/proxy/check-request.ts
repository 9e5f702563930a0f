import type { IncomingMessage } from 'node:http'
import type { ProblemCode } from '@crossfade/contracts/problems'
import { hostOf } from '@crossfade/core/facts'
import type { HttpLimits } from './http-limits.ts'
import type { RequestFault } from './request-lines.ts'

/** A request's head that a strict reader of RFC 9110 and 9112 would accept too. Built from the raw header lines only. */
export interface RequestHead {
  readonly kind: 'head'
  readonly method: string
  readonly httpVersion: '1.0' | '1.1'
  /** Origin form as received, or `*`; an absolute form has been taken apart (RFC 9112 section 3.2.2). */
  readonly target: string
  /** As a `Host` header would say it; empty only in HTTP/1.0. */
  readonly authority: string
  /** Lower case, without port. */
  readonly host: string
  /** Flat list of names and values, in order, as on the wire. */
  readonly rawHeaders: readonly string[]
  /** Lower-case name of the i-th line, whose value is `rawHeaders[2 * i + 1]`. */
  readonly names: readonly string[]
  /** Lower-case names that `Connection` lists. */
  readonly connection: readonly string[]
  /** How the body is framed; `length` 0 counts as `none`, but is sent on as 0. */
  readonly body: { readonly kind: 'none' | 'chunked' } | { readonly kind: 'length'; readonly bytes: number }
}

export interface Refusal {
  readonly kind: 'refusal'
  readonly code: ProblemCode
  readonly detail: string
  /** The framing is in doubt: nothing after this request can be trusted, the connection ends. */
  readonly close: boolean
}

const AUTHORITY = /^(?:[A-Za-z0-9._~-]+|\[[0-9A-Fa-f:.]+\])(?::\d{1,5})?$/
const METHODS_REFUSED = new Set(['CONNECT', 'TRACE'])

/**
 * The strict checks, before anything is decided. `fault`: what the parser did not tell.
 * Lines beyond the limit are refused, never dropped.
 */
export function checkRequest(
  request: IncomingMessage,
  fault: RequestFault | null,
  { headLines }: Pick<HttpLimits, 'headLines'>,
): RequestHead | Refusal {
  const { method = '', url = '', httpVersion, rawHeaders } = request
  if (httpVersion !== '1.1' && httpVersion !== '1.0') return broken(`HTTP/${httpVersion} is not spoken here`)
  if (fault === 'blanks') {
    return broken('The request line is not method, target and version with one blank between')
  }
  if (fault === 'extensions') return broken('The chunks carry too many extensions', 'body_too_large')
  if (METHODS_REFUSED.has(method)) return broken(`${method} is not served`, 'unsupported_method')
  if (rawHeaders.length > 2 * headLines) {
    return broken(`At most ${headLines} header lines are accepted`, 'header_too_large')
  }

  const names: string[] = []
  const connection: string[] = []
  let hostLine: string | null = null
  let length: string | null = null
  let coding: string | null = null
  for (let i = 0; i < rawHeaders.length; i += 2) {
    const name = (rawHeaders[i] as string).toLowerCase()
    const value = rawHeaders[i + 1] as string
    names.push(name)
    if (name === 'host') {
      if (hostLine !== null) return broken('There is more than one Host header')
      hostLine = value
    } else if (name === 'content-length') {
      if (length !== null) return broken('There is more than one Content-Length header')
      length = value
    } else if (name === 'transfer-encoding') {
      if (coding !== null) return broken('There is more than one Transfer-Encoding header')
      coding = value
    } else if (name === 'connection') {
      for (const option of value.split(',')) connection.push(option.trim().toLowerCase())
    }
  }

  if (coding !== null && coding.toLowerCase() !== 'chunked')
    return broken('The only Transfer-Encoding is chunked')
  if (coding !== null && httpVersion === '1.0') return broken('HTTP/1.0 has no Transfer-Encoding')
  if (coding !== null && length !== null)
    return broken('Transfer-Encoding and Content-Length exclude each other')
  if (length !== null && !/^\d{1,15}$/.test(length)) return broken('Content-Length is not a number')
  if (hostLine === null && httpVersion === '1.1') return broken('The Host header is missing')

  const place = placeOf(method, url, hostLine ?? '')
  if (typeof place === 'string') return { kind: 'refusal', code: 'bad_request', detail: place, close: false }
  if (place.authority !== '' || httpVersion === '1.1') {
    if (!isAuthority(place.authority)) return broken('The Host header is not a host')
  }
  return {
    kind: 'head',
    method,
    httpVersion,
    ...place,
    host: hostOf(place.authority),
    rawHeaders,
    names,
    connection,
    body:
      coding !== null
        ? { kind: 'chunked' }
        : length !== null
          ? { kind: 'length', bytes: Number(length) }
          : { kind: 'none' },
  }
}

function isAuthority(text: string): boolean {
  return AUTHORITY.test(text) && Number(/:(\d+)$/.exec(text)?.[1] ?? 0) <= 65_535
}

/** All values of a header, by lower-case name. */
export function valuesOf(head: RequestHead, name: string): string[] {
  const values: string[] = []
  for (let i = 0; i < head.names.length; i++) {
    if (head.names[i] === name) values.push(head.rawHeaders[2 * i + 1] as string)
  }
  return values
}

/** First value of a header, by lower-case name. */
export function valueOf(head: RequestHead, name: string): string | undefined {
  const at = head.names.indexOf(name)
  return at < 0 ? undefined : head.rawHeaders[2 * at + 1]
}

export function hasBody(head: RequestHead): boolean {
  return head.body.kind === 'chunked' || (head.body.kind === 'length' && head.body.bytes > 0)
}

/** A WebSocket handshake that this agent is willing to switch for (RFC 6455 section 4.1; never in HTTP/1.0). */
export function asksForWebSocket(request: IncomingMessage): boolean {
  if (request.method !== 'GET' || request.httpVersion !== '1.1') return false
  const { upgrade, connection } = request.headers
  return (
    upgrade?.trim().toLowerCase() === 'websocket' && /(?:^|,)\s*upgrade\s*(?:,|$)/i.test(connection ?? '')
  )
}

/** Where the request wants to go, or what is wrong with it (RFC 9112 section 3.2). */
function placeOf(
  method: string,
  url: string,
  hostLine: string,
): { target: string; authority: string } | string {
  if (url.includes('#')) return 'A request target has no fragment'
  if (url.startsWith('/')) return { target: url, authority: hostLine }
  if (url === '*' && method === 'OPTIONS') return { target: url, authority: hostLine }
  const absolute = /^https?:\/\/([^/?]*)(.*)$/i.exec(url)
  if (!absolute) return 'The request target has no form that is served here'
  const [, authority = '', rest = ''] = absolute
  return { authority, target: rest.startsWith('/') ? rest : `/${rest}` }
}

function broken(detail: string, code: ProblemCode = 'bad_request'): Refusal {
  return { kind: 'refusal', code, detail, close: true }
}
