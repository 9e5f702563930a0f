import { bucketOf } from './bucket.ts'
import { compileSegment } from './conditions.ts'
import { identityOf } from './decide.ts'
import { cookieValue } from './facts.ts'
import { compileMatch, fits } from './match.ts'
import type { Decision, Mapping, Overlay, Reason, RequestFacts, Side, Snapshot, Split } from './model.ts'
import { paramsOf } from './path-pattern.ts'
import { comparePrecedence } from './precedence.ts'

/**
 * The rules in their plainest form: scan everything, sort what fits, take the first. Far too slow for traffic and
 * easy to believe; `decide` must answer exactly like this (one case suite and one property hold them together).
 */
export function referenceDecide(
  snapshot: Snapshot,
  facts: RequestFacts,
  overlays: readonly Overlay[] = [],
): Decision {
  const { revision } = snapshot
  const mapping = matching(snapshot, facts)[0]
  if (!mapping) {
    const serviceId = defaultService(snapshot, facts.host)
    return serviceId === undefined
      ? { kind: 'no-default-service', revision }
      : { kind: 'default', revision, serviceId }
  }
  const [side, reason] = choose(snapshot, mapping, facts, overlays)
  const params = paramsOf(compileMatch(mapping.match).path, facts.path, facts.receivedPath)
  return { kind: 'mapped', revision, mapping, side, reason, params }
}

/** Every mapping that fits, best first (rule 2). */
export function matching(snapshot: Snapshot, facts: RequestFacts): Mapping[] {
  return snapshot.mappings
    .map((mapping) => ({ id: mapping.id, mapping, match: compileMatch(mapping.match) }))
    .filter(({ match }) => fits(match, facts))
    .toSorted(comparePrecedence)
    .map(({ mapping }) => mapping)
}

/** Rule 7, from the top. */
function choose(
  snapshot: Snapshot,
  mapping: Mapping,
  facts: RequestFacts,
  overlays: readonly Overlay[],
): [Side, Reason] {
  if (mapping.pointOfNoReturn) return ['new', { kind: 'point-of-no-return' }]

  const safe = ['GET', 'HEAD', 'OPTIONS', 'TRACE'].includes(facts.method)
  if (mapping.writes.kind === 'phased' && !safe) {
    const { phase } = mapping.writes
    return [['dual-new', 'complete'].includes(phase) ? 'new' : 'legacy', { kind: 'write-phase', phase }]
  }

  if (mayForce(snapshot, facts)) {
    const { header, cookie } = snapshot.environment.forcedSide
    const byHeader = header === null ? undefined : facts.header(header)
    if (byHeader === 'legacy' || byHeader === 'new') return [byHeader, { kind: 'forced', by: 'header' }]
    const byCookie = cookie === null ? undefined : cookieValue(facts.header('cookie'), cookie)
    if (byCookie === 'legacy' || byCookie === 'new') return [byCookie, { kind: 'forced', by: 'cookie' }]
  }

  for (const id of mapping.segments) {
    const segment = snapshot.segments.find((candidate) => candidate.id === id)
    if (segment && compileSegment(segment)(facts)) return [segment.side, { kind: 'segment', segmentId: id }]
  }

  const split = splitOf(snapshot, mapping)
  return share(isRolledBack(mapping, overlays) ? { ...split, share: 0 } : split, facts)
}

/** Rules 8 and 9. */
function share({ share: limit, cohort, identity, missing }: Split, facts: RequestFacts): [Side, Reason] {
  if (limit === 0) return ['legacy', { kind: 'nobody' }]
  if (limit === 10_000) return ['new', { kind: 'everybody' }]

  const drawn = (bucket: number, sticky: boolean): [Side, Reason] => [
    bucket < limit ? 'new' : 'legacy',
    { kind: 'bucket', bucket, share: limit, sticky },
  ]
  if (identity.kind === 'request') return drawn(facts.entropy, false)
  const who = identityOf(identity, facts) ?? ''
  if (who !== '') return drawn(bucketOf(cohort, who), true)
  if (missing === 'legacy') return ['legacy', { kind: 'missing-identity', share: limit }]
  if (missing === 'client-ip' && facts.clientIp !== '') return drawn(bucketOf(cohort, facts.clientIp), true)
  return drawn(facts.entropy, false)
}

function mayForce({ environment, segments }: Snapshot, facts: RequestFacts): boolean {
  const { keyDigests, segmentId } = environment.callers
  if (facts.callerDigest !== null && keyDigests.includes(facts.callerDigest)) return true
  const segment = segments.find(({ id }) => id === segmentId)
  return segment !== undefined && compileSegment(segment)(facts)
}

function splitOf({ groups }: Snapshot, { split }: Mapping): Split {
  if (!('groupId' in split)) return split
  const group = groups.find(({ id }) => id === split.groupId)
  if (!group) throw new Error(`There is no group ${split.groupId}`)
  return group.split
}

function isRolledBack({ id, split }: Mapping, overlays: readonly Overlay[]): boolean {
  return overlays.some(
    ({ mappingIds, groupIds }) =>
      mappingIds.includes(id) || ('groupId' in split && groupIds.includes(split.groupId)),
  )
}

/** Exact host, then the longest wildcard, then the environment's own (rule 3). */
function defaultService({ environment }: Snapshot, host: string): string | undefined {
  const { defaults } = environment
  const wildcards = defaults
    .filter((entry) => entry.host?.startsWith('*.') && host.endsWith(entry.host.slice(1)))
    .filter((entry) => host.length >= (entry.host?.length ?? 0))
    .toSorted((a, b) => (b.host?.length ?? 0) - (a.host?.length ?? 0))
  return (
    defaults.find((entry) => entry.host === host) ??
    wildcards[0] ??
    defaults.find((entry) => entry.host === null)
  )?.serviceId
}
