import { claimBytes } from './auth/claims.ts'
import { bucketOfBytes } from './bucket.ts'
import { cookieValue, queryValue } from './facts.ts'
import {
  WHOLE,
  type ByteString,
  type Decision,
  type Identity,
  type Reason,
  type RequestFacts,
  type Side,
} from './model.ts'
import { paramsOf } from './path-pattern.ts'
import {
  defaultServiceFor,
  isAllowedCaller,
  type CompiledMapping,
  type RoutingTable,
} from './routing-table.ts'
import { isSafe } from './safe-methods.ts'

/** The one decision. The agent obeys it, the API explains it, the dashboard draws it. Precedence is rule 7. */
export function decide(table: RoutingTable, facts: RequestFacts): Decision {
  const { revision } = table.snapshot
  const route = table.router.find(facts.host, facts.path, facts.method)
  if (route === null) {
    const serviceId = defaultServiceFor(table, facts.host)
    return serviceId === null
      ? { kind: 'no-default-service', revision }
      : { kind: 'default', revision, serviceId }
  }
  const { side, reason } = chooseSide(table, route, facts)
  const params = paramsOf(route.match.path, facts.path, facts.receivedPath)
  return { kind: 'mapped', revision, mapping: route.mapping, side, reason, params }
}

interface Choice {
  readonly side: Side
  readonly reason: Reason
}

function chooseSide(table: RoutingTable, route: CompiledMapping, facts: RequestFacts): Choice {
  const { mapping } = route
  if (mapping.pointOfNoReturn) return POINT_OF_NO_RETURN
  if (mapping.writes.kind === 'phased' && !isSafe(facts.method)) {
    const { phase } = mapping.writes
    const side = phase === 'dual-new' || phase === 'complete' ? 'new' : 'legacy'
    return { side, reason: { kind: 'write-phase', phase } }
  }
  const forced = forcedSide(table, facts)
  if (forced) return forced
  for (const { id, side, holds } of route.segments) {
    if (holds(facts)) return { side, reason: { kind: 'segment', segmentId: id } }
  }
  return table.rolledBack.has(route.id) ? NOBODY : byShare(route, facts)
}

/** Works at 0 %, for allowed callers only; a value that is no side is ignored (rule 10). */
function forcedSide(table: RoutingTable, facts: RequestFacts): Choice | null {
  const { header, cookie } = table.snapshot.environment.forcedSide
  const named = header === null ? null : sideNamed(facts.header(header))
  if (named && isAllowedCaller(table, facts)) return { side: named, reason: { kind: 'forced', by: 'header' } }
  const kept = cookie === null ? null : sideNamed(cookieValue(facts.header('cookie'), cookie))
  if (kept && isAllowedCaller(table, facts)) return { side: kept, reason: { kind: 'forced', by: 'cookie' } }
  return null
}

function sideNamed(value: ByteString | undefined): Side | null {
  return value === 'legacy' || value === 'new' ? value : null
}

function byShare({ split, salt }: CompiledMapping, facts: RequestFacts): Choice {
  const { share, identity, missing } = split
  if (share <= 0) return NOBODY
  if (share >= WHOLE) return EVERYBODY
  if (identity.kind === 'request') return inBucket(facts.entropy, share, false)

  const who = identityOf(identity, facts)
  if (who) return inBucket(bucketOfBytes(salt, who), share, true)
  if (missing === 'legacy') return { side: 'legacy', reason: { kind: 'missing-identity', share } }
  if (missing === 'client-ip' && facts.clientIp) {
    return inBucket(bucketOfBytes(salt, facts.clientIp), share, true)
  }
  return inBucket(facts.entropy, share, false)
}

function inBucket(bucket: number, share: number, sticky: boolean): Choice {
  return { side: bucket < share ? 'new' : 'legacy', reason: { kind: 'bucket', bucket, share, sticky } }
}

/** The bytes that stand for who asks (rule 9); undefined or empty when the request does not say. */
export function identityOf(identity: Identity, facts: RequestFacts): ByteString | undefined {
  switch (identity.kind) {
    case 'header':
      return facts.header(identity.name)
    case 'cookie':
      return cookieValue(facts.header('cookie'), identity.name)
    case 'query':
      return queryValue(facts.query, identity.name)
    case 'claim':
      return claimBytes(facts.claims, identity.name)
    case 'client-ip':
      return facts.clientIp
    case 'request':
      return undefined
  }
}

// Frequent answers that never differ are made once.
const POINT_OF_NO_RETURN: Choice = { side: 'new', reason: { kind: 'point-of-no-return' } }
const NOBODY: Choice = { side: 'legacy', reason: { kind: 'nobody' } }
const EVERYBODY: Choice = { side: 'new', reason: { kind: 'everybody' } }
