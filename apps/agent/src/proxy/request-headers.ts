import { bytesOfText } from '@crossfade/core/bytes'
import type { Environment, FieldEdits } from '@crossfade/core/model'
import { withheld, type Withheld } from '../callers/credentials.ts'
import { valuesOf, type RequestHead } from './check-request.ts'
import { isTrustedHop } from './client-address.ts'
import { isDroppedFromRequest } from './hop-by-hop.ts'
import { traceHeaders } from './trace-context.ts'

export interface HeaderPlan {
  readonly head: RequestHead
  readonly environment: Environment
  /** RFC 5952 form of the socket's peer. */
  readonly peer: string
  readonly clientIp: string
  readonly scheme: 'http' | 'https'
  readonly requestId: string
  /** Our name in `Via`. */
  readonly pseudonym: string
  /** What `Host` says to the service. */
  readonly host: string
  /** What the side's rewrite sets and drops; null without one. */
  readonly edits: FieldEdits | null
  /** Credentials that the service is not to see; null for none. */
  readonly withheld: Withheld | null
  readonly random: () => number
}

/** Written by us alone, whatever the client or its `Connection` header says about them. */
const OURS = new Set([
  'via',
  'x-forwarded-for',
  'x-forwarded-proto',
  'x-forwarded-host',
  'forwarded',
  'x-real-ip',
  'x-original-uri',
  'x-request-id',
  'traceparent',
  'tracestate',
])

/** Not to be touched by a rewrite: it would break the connection or hide a loop. */
const FIXED = new Set([
  'host',
  'via',
  'connection',
  'content-length',
  'transfer-encoding',
  'upgrade',
  'expect',
  'te',
  'trailer',
])

/**
 * The head a service sees, as a flat list, `Host` first (rule 6). First what the client may say, then what we
 * say, so that nobody can delete or forge ours. Framing is left to whoever writes the body.
 */
export function requestHeaders(plan: HeaderPlan): string[] {
  const { head } = plan
  const trusted = isTrustedHop(plan.environment, plan.peer)
  const headers = ['Host', plan.host]
  for (let i = 0; i < head.names.length; i++) {
    const name = head.names[i] as string
    if (OURS.has(name) || isDroppedFromRequest(name, head.connection)) continue
    // The rest of this family (`-Port`, `-Prefix`…) is hearsay too unless a trusted hop said it.
    if (!trusted && name.startsWith('x-forwarded-')) continue
    const value = head.rawHeaders[2 * i + 1] as string
    const shown = plan.withheld === null ? value : withheld(plan.withheld, name, value)
    if (shown !== null) headers.push(head.rawHeaders[2 * i] as string, shown)
  }
  addOurs(headers, plan, trusted)
  return plan.edits === null ? headers : edited(headers, plan.edits)
}

/** The `Host` of a request to `authority`, the service's own, under the policy of its side. */
export function hostFor(
  policy:
    | { readonly kind: 'client' }
    | { readonly kind: 'service' }
    | { readonly kind: 'fixed'; readonly value: string },
  head: RequestHead,
  authority: string,
): string {
  if (policy.kind === 'fixed') return policy.value
  // HTTP/1.0 may come without a Host; HTTP/1.1 may not go on without one.
  return policy.kind === 'client' && head.authority !== '' ? head.authority : authority
}

/** `1.1 name` as `Via` wants it; a token whatever the agent is called. */
export function viaPseudonym(agentName: string): string {
  return `crossfade-${agentName.replace(/[^A-Za-z0-9._-]/g, '-')}`
}

/** How often this request has been through us before (RFC 9110 section 7.6.3). */
export function timesPassed(head: RequestHead, pseudonym: string): number {
  if (!head.names.includes('via')) return 0
  const elements = valuesOf(head, 'via').flatMap((line) => line.split(','))
  return elements.filter((element) => element.trim().split(/\s+/)[1] === pseudonym).length
}

function addOurs(headers: string[], plan: HeaderPlan, trusted: boolean): void {
  const { head, peer } = plan
  const told = (name: string) => (trusted ? valuesOf(head, name) : [])
  const proto = told('x-forwarded-proto')[0] ?? plan.scheme
  const forwardedHost = told('x-forwarded-host')[0] ?? head.authority
  headers.push('X-Forwarded-For', [...told('x-forwarded-for'), peer].join(', '))
  headers.push('X-Forwarded-Proto', proto)
  if (forwardedHost !== '') headers.push('X-Forwarded-Host', forwardedHost)
  const forwarded = told('forwarded')
  if (plan.environment.sendForwarded) forwarded.push(forwardedElement(peer, head.authority, plan.scheme))
  if (forwarded.length > 0) headers.push('Forwarded', forwarded.join(', '))
  headers.push('X-Real-IP', plan.clientIp)
  headers.push('X-Original-URI', head.target)
  headers.push('X-Request-Id', plan.requestId)
  headers.push(...traceHeaders(valuesOf(head, 'traceparent'), valuesOf(head, 'tracestate'), plan.random))
  headers.push('Via', [...valuesOf(head, 'via'), `${head.httpVersion} ${plan.pseudonym}`].join(', '))
}

/** RFC 7239 section 4: IPv6 in brackets and quotes, hosts quoted for their port. */
function forwardedElement(peer: string, authority: string, scheme: string): string {
  const node = peer.includes(':') ? `"[${peer}]"` : peer
  return `for=${node}${authority === '' ? '' : `;host="${authority}"`};proto=${scheme}`
}

function edited(headers: readonly string[], edits: FieldEdits): string[] {
  const set = Object.entries(edits.set).filter(([name]) => !FIXED.has(name.toLowerCase()))
  const gone = new Set([
    ...edits.drop.filter((name) => !FIXED.has(name)),
    ...set.map(([name]) => name.toLowerCase()),
  ])
  const kept: string[] = []
  for (let i = 0; i < headers.length; i += 2) {
    if (!gone.has((headers[i] as string).toLowerCase()))
      kept.push(headers[i] as string, headers[i + 1] as string)
  }
  for (const [name, value] of set) kept.push(name, bytesOfText(value))
  return kept
}
