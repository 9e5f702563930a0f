import type { Environment, Reason } from '@crossfade/core/model'
import { blotted, blottedTarget, isSecretName } from '@crossfade/core/secrets'
import { plainJson } from '@crossfade/runtime/plain-text'
import { valueOf } from '../proxy/check-request.ts'
import type { Route } from '../proxy/route-request.ts'
import type { Seen } from '../proxy/seen.ts'
import type { Outcome } from '../stats/recorder.ts'
import { quotedBytes, quotedText } from './quote.ts'

/** What one line is made of: a mapped request that has ended. */
export interface LoggedRequest {
  /** When it ended, ms since the epoch. */
  readonly at: number
  readonly agent: string
  readonly outcome: Outcome
  readonly seen: Seen
  readonly route: MappedRoute
}
export type MappedRoute = Route & { readonly mapped: NonNullable<Route['mapped']> }

/** `text` is ours and Unicode, `bytes` came over the wire, one character per byte. */
type Value =
  | { readonly kind: 'text'; readonly text: string | null }
  | { readonly kind: 'bytes'; readonly text: string | null }
  | { readonly kind: 'number'; readonly number: number | null }
  | { readonly kind: 'flag'; readonly flag: boolean }

const text = (value: string | null): Value => ({ kind: 'text', text: value })
const bytes = (value: string | null | undefined): Value => ({ kind: 'bytes', text: value ?? null })
const number = (value: number | null): Value => ({ kind: 'number', number: value })
/** Seconds to the microsecond, as nginx users know them to the millisecond. */
const seconds = (ms: number | null): Value => number(ms === null ? null : Math.round(ms * 1000) / 1e6)

/** Every `$variable` of a format, once; `$http_NAME` comes on top. In the order of the JSON form. */
const variables = {
  time_iso8601: ({ at }) => text(new Date(at).toISOString()),
  msec: ({ at }) => number(at / 1000),
  agent: ({ agent }) => text(agent),
  remote_addr: ({ route }) => text(route.facts.clientIp),
  peer_addr: ({ seen }) => text(seen.peer),
  host: ({ seen }) => bytes(seen.head.authority),
  request: ({ seen: { head } }) =>
    bytes(`${head.method} ${blottedTarget(head.target)} HTTP/${head.httpVersion}`),
  request_method: ({ seen }) => bytes(seen.head.method),
  request_uri: ({ seen }) => bytes(blottedTarget(seen.head.target)),
  server_protocol: ({ seen }) => text(`HTTP/${seen.head.httpVersion}`),
  status: ({ outcome }) => number(outcome.status),
  mapping: ({ route }) => text(route.mapped.mapping.name),
  mapping_id: ({ route }) => text(route.mapped.mapping.id),
  side: ({ outcome }) => text(outcome.side),
  reason: ({ route }) => text(reasonText(route.mapped.reason)),
  service: ({ route }) => text(route.serviceId),
  target: ({ route }) => bytes(blottedTarget(route.target)),
  request_time: ({ outcome }) => seconds(outcome.latencyMs),
  service_time: ({ seen }) => seconds(seen.serviceMs),
  bytes_received: ({ outcome }) => number(outcome.bytesIn),
  bytes_sent: ({ outcome }) => number(outcome.bytesOut),
  retries: ({ outcome }) => number(outcome.retries),
  fallback: ({ outcome }) => ({ kind: 'flag', flag: outcome.fallback }),
  failure: ({ outcome }) => text(outcome.failure),
  code: ({ seen }) => text(seen.code),
  request_id: ({ seen }) => bytes(seen.requestId),
  traceparent: ({ seen }) => bytes(valueIn(seen.sent, 'traceparent')),
} satisfies Record<string, (logged: LoggedRequest) => Value>
type Variable = keyof typeof variables

/** What the JSON form leaves out because `request` says it already. */
const notInJson: ReadonlySet<string> = new Set(['msec', 'request_method', 'request_uri', 'server_protocol'])
const variablePattern = /\$(?:\{([a-z0-9_]+)\}|([a-z0-9_]+))/g
/** What nginx writes for nothing. */
const nothing = '-'

/** What is wrong with a format; null when it can be used. */
export function problemOfFormat(format: string): string | null {
  if (/[\r\n]/.test(format)) return 'A line has no line breaks'
  for (const [whole, braced, bare] of format.matchAll(variablePattern)) {
    const name = braced ?? bare ?? ''
    const header = headerOf(name)
    if (header !== null && isSecretName(header)) return `${whole} is a secret, it is not logged`
    if (header === null && !isVariable(name)) return `${whole} is not known`
  }
  return null
}

export type WriteLine = (logged: LoggedRequest) => string

/** `json`, or text with `$variables` as nginx's `log_format` has them. Without the line's end. */
export function lineWriterFor(format: string): WriteLine {
  return format === 'json' ? jsonLine : textLine(format)
}

const jsonVariables = (Object.entries(variables) as [Variable, (logged: LoggedRequest) => Value][]).filter(
  ([name]) => !notInJson.has(name),
)

function jsonLine(logged: LoggedRequest): string {
  const fields: Record<string, unknown> = {}
  for (const [name, read] of jsonVariables) fields[name] = plain(read(logged))
  fields['http_user_agent'] = valueOf(logged.seen.head, 'user-agent') ?? null
  return plainJson(JSON.stringify(fields))
}

function textLine(format: string): WriteLine {
  const parts: ((logged: LoggedRequest) => string)[] = []
  let end = 0
  for (const match of format.matchAll(variablePattern)) {
    const literal = format.slice(end, match.index)
    parts.push(() => literal)
    const read = readerOf(match[1] ?? match[2] ?? '')
    parts.push((logged) => quoted(read(logged)))
    end = match.index + match[0].length
  }
  const rest = format.slice(end)
  return (logged) => parts.map((part) => part(logged)).join('') + rest
}

function readerOf(name: string): (logged: LoggedRequest) => Value {
  const header = headerOf(name)
  if (header !== null) {
    return ({ seen, route }) => {
      const value = valueOf(seen.head, header)
      if (value === undefined || carriesCredentials(route.environment, header)) return bytes(null)
      return bytes(header === 'referer' ? blottedTarget(value) : blotted(value))
    }
  }
  return isVariable(name) ? variables[name] : () => text(null)
}

/** An issuer's tokens or API keys may come in any header; what it is called is no matter of names. */
function carriesCredentials({ auth }: Environment, header: string): boolean {
  return auth.apiKeyHeader === header || auth.issuers.some(({ from }) => from.name === header)
}

function isVariable(name: string): name is Variable {
  return Object.hasOwn(variables, name)
}

function valueIn(headers: readonly string[] | null, name: string): string | null {
  if (headers === null) return null
  const at = headers.findIndex((line, index) => index % 2 === 0 && line.toLowerCase() === name)
  return at < 0 ? null : (headers[at + 1] ?? null)
}

function headerOf(name: string): string | null {
  return name.startsWith('http_') ? name.slice('http_'.length).replaceAll('_', '-') : null
}

function plain(value: Value): string | number | boolean | null {
  if (value.kind === 'number') return value.number
  return value.kind === 'flag' ? value.flag : value.text
}

function quoted(value: Value): string {
  if (value.kind === 'flag') return value.flag ? '1' : '0'
  if (value.kind === 'number') return value.number === null ? nothing : String(value.number)
  if (value.text === null || value.text === '') return nothing
  return value.kind === 'text' ? quotedText(value.text) : quotedBytes(value.text)
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'bucket':
      return `bucket:${reason.bucket}`
    case 'segment':
      return `segment:${reason.segmentId}`
    case 'forced':
      return `forced:${reason.by}`
    case 'write-phase':
      return `write-phase:${reason.phase}`
    default:
      return reason.kind
  }
}
