import { blottedTarget } from './secrets.ts'
import type { Claims } from './auth/auth.ts'
import { explainAuth, isPreflight, type ExplainedAuth } from './auth/explain-auth.ts'
import { bytesOfText } from './bytes.ts'
import { ambiguityOf, readTarget } from './canonical-path.ts'
import { explain } from './explain.ts'
import { factsOf, headersOfText } from './facts.ts'
import type { ByteString, Decision, RequestFacts, Service, Side } from './model.ts'
import { AmbiguousRewrite, rewriteTarget } from './rewrite.ts'
import { defaultServiceFor, type RoutingTable } from './routing-table.ts'
import { slipsPast } from './slips-past.ts'

/** A request in words, as a form or a command line gives it. */
export interface DescribedRequest {
  readonly method: string
  /** Absolute (`http://api.example/v2/x?y=1`), or a path. */
  readonly url: string
  readonly headers: Readonly<Record<string, string>>
  readonly clientIp: string
  readonly entropy: number
  /** Of a token whose signature is taken to hold; null without one. */
  readonly claims: Claims | null
}

/** What would become of a request, and why. */
export interface ExplainedRequest {
  readonly revision: number
  readonly outcome: 'mapped' | 'default' | 'no-default-service' | 'refused'
  readonly mapping: Named | null
  readonly side: Side | null
  readonly service: Named | null
  /** Method and target as they would be sent. */
  readonly forwarded: string | null
  readonly because: string
  readonly reason: unknown
  /** What its caller would have to show; null where it is refused before anybody asks. */
  readonly auth: ExplainedAuth | null
  readonly candidates: (Named & { readonly lostBy: string | null })[]
}

interface Named {
  readonly id: string
  readonly name: string
}

const KEY_HEADER = 'x-crossfade-key'

/**
 * What an agent with this table would do with such a request: the same readings and the same `decide`. `digestOf`
 * is SHA-256 in hex over the bytes of a caller's key. A token in the headers is not looked at.
 */
export function explainRequest(
  table: RoutingTable,
  request: DescribedRequest,
  digestOf: (key: ByteString) => string,
): ExplainedRequest {
  const { host, target } = splitUrl(request.url)
  const { paths } = table
  const { apiKeyHeader } = table.snapshot.environment.auth
  const reading = readTarget(target, paths)
  if (reading.kind === 'ambiguous' && paths.ambiguous === 'refuse') {
    return refused(table, `The path can be read two ways (${reading.why}), so the answer is 400.`, {
      kind: reading.why,
    })
  }
  const headers = headersOfText(request.headers)
  const valueOf = (name: string) => headers.find(([other]) => other.toLowerCase() === name)?.[1]
  const key = valueOf(KEY_HEADER)
  const facts = factsOf({
    method: request.method,
    host: host ?? valueOf('host') ?? '',
    target,
    headers,
    clientIp: request.clientIp,
    entropy: request.entropy,
    callerDigest: key === undefined ? null : digestOf(key),
    claims: request.claims ?? {},
  })
  if (reading.kind === 'ambiguous') return passed(table, facts)

  const { decision, because, candidates } = explain(table, facts)
  if (slipsPast(table, facts, decision)) {
    const sentence =
      'A service that reads %2F as a slash would see the path of a mapping, so the answer is 400.'
    return refused(table, sentence, { kind: 'encoded-slash' })
  }
  const named = candidates.map(({ mapping, lostBy }) => ({ id: mapping.id, name: mapping.name, lostBy }))
  const apiKey = valueOf(apiKeyHeader)
  const auth = explainAuth(
    table,
    decision.kind === 'mapped' ? (table.byId.get(decision.mapping.id) ?? null) : null,
    { claims: request.claims, keyDigest: apiKey === undefined ? null : digestOf(apiKey) },
    isPreflight(request.method, valueOf),
  )
  if (auth.verdict === 'refused') {
    const sentence = `${auth.because}, so the answer is ${auth.status}.`
    const outcome = refused(table, sentence, { kind: 'caller', status: auth.status })
    const mapping =
      decision.kind === 'mapped' ? { id: decision.mapping.id, name: decision.mapping.name } : null
    return { ...outcome, mapping, candidates: named, auth }
  }
  try {
    return { ...outcomeOf(table, facts, decision), because, candidates: named, auth }
  } catch (error) {
    if (!(error instanceof AmbiguousRewrite)) throw error
    const sentence = 'The rewritten path could be read two ways, so the answer is 400.'
    return { ...refused(table, sentence, { kind: 'dot-segment' }), candidates: named }
  }
}

function outcomeOf(
  table: RoutingTable,
  facts: RequestFacts,
  decision: Decision,
): Omit<ExplainedRequest, 'because' | 'candidates' | 'auth'> {
  const { revision } = table.snapshot
  switch (decision.kind) {
    case 'no-default-service':
      return { ...NOTHING, revision, outcome: decision.kind }
    case 'default': {
      const service = serviceOf(table, decision.serviceId)
      return { ...NOTHING, revision, outcome: decision.kind, service, forwarded: asReceived(facts) }
    }
    case 'mapped': {
      const { mapping, side, reason, params } = decision
      const { receivedPath: path, query } = facts
      const target = rewriteTarget(mapping[side], { match: mapping.match, params, path, query })
      return {
        revision,
        outcome: decision.kind,
        mapping: { id: mapping.id, name: mapping.name },
        side,
        service: serviceOf(table, mapping[side].serviceId),
        forwarded: lineOf(facts, target),
        reason,
      }
    }
  }
}

/** An ambiguous path that the environment lets through goes to no mapping (rule 4). */
function passed(table: RoutingTable, facts: RequestFacts): ExplainedRequest {
  const { revision } = table.snapshot
  const serviceId = defaultServiceFor(table, facts.host)
  const why = ambiguityOf(facts.receivedPath, table.paths.encodedSlash)
  const sentence = `The path can be read two ways (${why}), so no mapping is asked`
  if (serviceId === null) {
    const because = `${sentence}, and there is no default service for this host: the answer is 404.`
    return { ...NOTHING, revision, outcome: 'no-default-service', because, candidates: [], auth: null }
  }
  const service = serviceOf(table, serviceId)
  const because = `${sentence} and it goes untouched to the default service ${service?.name ?? serviceId}.`
  const forwarded = asReceived(facts)
  return { ...NOTHING, revision, outcome: 'default', service, forwarded, because, candidates: [], auth: null }
}

const NOTHING = { mapping: null, side: null, service: null, forwarded: null, reason: null }

function refused(table: RoutingTable, because: string, reason: unknown): ExplainedRequest {
  const { revision } = table.snapshot
  return { ...NOTHING, revision, outcome: 'refused', because, reason, candidates: [], auth: null }
}

function asReceived(facts: RequestFacts): string {
  const { receivedPath, query } = facts
  return lineOf(facts, query === '' ? receivedPath : `${receivedPath}?${query}`)
}

/** Explanations are copied into tickets and chats, with the addresses of real requests in them. */
function lineOf({ method }: RequestFacts, target: string): string {
  return `${method} ${blottedTarget(target)}`
}

function serviceOf(table: RoutingTable, id: string): Named | null {
  const service: Service | undefined = table.snapshot.services.find((one) => one.id === id)
  return service ? { id, name: service.name } : null
}

/** Absolute form names its host; a path leaves it to the Host header. The target is given as its bytes. */
function splitUrl(url: string): { readonly host: string | null; readonly target: string } {
  const [, host, rest = ''] = /^https?:\/\/([^/?#]+)([^#]*)/i.exec(url) ?? []
  const target = host === undefined ? url : rest
  return { host: host ?? null, target: bytesOfText(target.startsWith('/') ? target : `/${target}`) }
}
