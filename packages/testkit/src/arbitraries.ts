import * as fc from 'fast-check'
import { factsOf } from '@crossfade/core/facts'
import { matchKey, methodsOverlap } from '@crossfade/core/match'
import type {
  Attribute,
  Condition,
  Group,
  Identity,
  Mapping,
  Match,
  PathPattern,
  Policy,
  RequestFacts,
  Segment,
  Share,
  Snapshot,
  Split,
  Writes,
} from '@crossfade/core/model'
import { aMapping, anEnvironment, aPolicy, aSnapshot } from './builders.ts'

/**
 * Snapshots and requests out of a small alphabet, so that they meet often: most requests fit several mappings.
 * Everything generated passes `problemsOfSnapshot`.
 */
const words = ['a', 'b', 'books', 'v2', 'caf%C3%A9']
const hosts = ['api.example.com', 'www.example.com', 'a.api.example.com', 'other.test']
const hostPatterns = ['api.example.com', '*.example.com', '*.api.example.com', null, null, null]
const methods = ['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'OPTIONS']
const identities = ['u1', 'u2', 'caf\u00c3\u00a9', '', '42']
const segmentIds = ['staff', 'apps', 'legacy-only']
const groupIds = ['careful', 'quarter', 'done']
const callerDigest = 'd'.repeat(64)

export const shares: fc.Arbitrary<Share> = fc.oneof(
  fc.constantFrom(0, 1, 100, 2_500, 9_999, 10_000),
  fc.integer({ min: 0, max: 10_000 }),
)

const pathOf = (segments: readonly string[]) => `/${segments.join('/')}`
const literalSegments = fc.array(fc.constantFrom(...words), { minLength: 1, maxLength: 3 })

/** Literals and parameters, each parameter with a name of its own. */
const templates = fc
  .tuple(
    fc.array(fc.option(fc.constantFrom(...words), { nil: null }), { minLength: 1, maxLength: 4 }),
    fc.boolean(),
  )
  .map(([segments, rest]) => {
    const named = segments.map((segment, i) => segment ?? `:p${i}`)
    return pathOf(rest ? [...named, '*rest'] : named)
  })

export const pathPatterns: fc.Arbitrary<PathPattern> = fc.oneof(
  literalSegments.map((segments) => ({ kind: 'exact', path: pathOf(segments) }) as const),
  fc
    .array(fc.constantFrom(...words), { maxLength: 3 })
    .map((segments) => ({ kind: 'prefix', path: pathOf(segments) }) as const),
  templates.map((template) => ({ kind: 'template', template }) as const),
  fc
    .record({
      pattern: fc.constantFrom(
        '^/a/(?<id>[^/]+)$',
        '^/books',
        'v2',
        '^/v2/(a|b)(/.*)?$',
        '^/a$|^/b$',
        '(?i)^/BOOKS/(\\d+)',
        '/$',
      ),
      position: fc.integer({ min: 0, max: 3 }),
    })
    .map((regex) => ({ kind: 'regex', ...regex }) as const),
)

export const matches: fc.Arbitrary<Match> = fc.record({
  methods: fc.oneof(
    fc.constant([]),
    fc.uniqueArray(fc.constantFrom(...methods), { maxLength: 3 }).map((set) => set.toSorted()),
  ),
  host: fc.constantFrom(...hostPatterns),
  path: pathPatterns,
})

export const identityKinds: fc.Arbitrary<Identity> = fc.constantFrom<Identity>(
  { kind: 'cookie', name: 'uid' },
  { kind: 'header', name: 'x-user' },
  { kind: 'query', name: 'user' },
  { kind: 'claim', name: 'sub' },
  { kind: 'client-ip' },
  { kind: 'request' },
)

export const splits: fc.Arbitrary<Split> = fc.record({
  share: shares,
  cohort: fc.constantFrom('cohort-0001', 'cohort-0002', 'köhorte-3'),
  identity: identityKinds,
  missing: fc.constantFrom('legacy', 'client-ip', 'request'),
})

const writes: fc.Arbitrary<Writes> = fc.oneof(
  { weight: 3, arbitrary: fc.constant({ kind: 'with-share' } as const) },
  fc
    .constantFrom('off' as const, 'dual-legacy' as const, 'dual-new' as const)
    .map((phase) => ({ kind: 'phased', phase }) as const),
)

const attributes: fc.Arbitrary<Attribute | null> = fc.constantFrom(
  null,
  { kind: 'header', name: 'x-user' },
  { kind: 'cookie', name: 'uid' },
  { kind: 'client-ip' },
)
const limits = fc
  .array(
    fc.record({
      key: attributes,
      side: fc.constantFrom('legacy' as const, 'new' as const, null),
      perSecond: fc.constantFrom(0.001, 0.5, 1, 100, 1_000_000),
      burst: fc.constantFrom(1, 10, 1_000_000),
    }),
    { maxLength: 3 },
  )
  .map((list) => list.map((limit, i) => ({ name: `limit ${i}`, ...limit })))
const cap = fc.constantFrom(null, 1, 100, 1_000_000)

/** Half of them the default, so that other properties still meet plain mappings. */
export const policies: fc.Arbitrary<Policy> = fc.oneof(
  fc.constant(aPolicy()),
  fc.record({
    breaker: fc.option(
      fc.record({
        failurePercent: fc.integer({ min: 1, max: 100 }),
        minimumSample: fc.constantFrom(1, 20, 100_000),
        windowMs: fc.constantFrom(1_000, 10_000, 600_000),
        openMs: fc.constantFrom(100, 1_000, 60_000),
      }),
    ),
    safeFallback: fc.boolean(),
    readThrough: fc.subarray([404, 410, 501]),
    idempotentWrites: fc.boolean(),
    bodyLimitBytes: fc.constantFrom(null, 0, 1_024, Number.MAX_SAFE_INTEGER),
    limits,
    concurrency: fc.record({ legacy: cap, new: cap }),
    loopsBackToLegacy: fc.boolean(),
    auth: fc.constantFrom('inherit' as const, 'none' as const),
  }),
)

/** A mapping whose groups and segments are those of `snapshots`. */
export const mappings: fc.Arbitrary<Mapping> = fc
  .record({
    match: matches,
    split: fc.oneof(
      splits,
      fc.constantFrom(...groupIds).map((groupId) => ({ groupId })),
    ),
    segments: fc.subarray(segmentIds),
    writes,
    policy: policies,
  })
  .map((parts) => aMapping(parts))

const conditions: fc.Arbitrary<Condition> = fc.constantFrom<Condition>(
  { attribute: { kind: 'header', name: 'x-staff' }, operator: 'in', values: ['yes'] },
  { attribute: { kind: 'cookie', name: 'uid' }, operator: 'not-in', values: ['u1'] },
  { attribute: { kind: 'query', name: 'user' }, operator: 'prefix', values: ['u'] },
  { attribute: { kind: 'client-ip' }, operator: 'network', values: ['10.0.0.0/8', '2001:db8::/32'] },
  { attribute: { kind: 'header', name: 'x-app' }, operator: 'semver-at-least', values: ['2.1.0'] },
  { attribute: { kind: 'method' }, operator: 'in', values: ['POST'] },
)

export const segments: fc.Arbitrary<readonly Segment[]> = fc
  .tuple(
    ...segmentIds.map(() =>
      fc.record({
        side: fc.constantFrom('legacy' as const, 'new' as const),
        conditions: fc.array(conditions, { minLength: 1, maxLength: 2 }),
      }),
    ),
  )
  .map((parts) => parts.map((part, i) => ({ id: segmentIds[i] ?? '', name: segmentIds[i] ?? '', ...part })))

export const groups: fc.Arbitrary<readonly Group[]> = fc
  .tuple(...groupIds.map(() => splits))
  .map((parts) => parts.map((split, i) => ({ id: groupIds[i] ?? '', name: groupIds[i] ?? '', split })))

/** Mappings with ids of their own, no two of which have the same match. */
const distinctMappings = fc.array(mappings, { maxLength: 12 }).map((list) => {
  const kept: Mapping[] = []
  for (const mapping of list) {
    const twin = kept.some(
      (other) =>
        matchKey(other.match) === matchKey(mapping.match) &&
        methodsOverlap(other.match.methods, mapping.match.methods),
    )
    if (!twin) kept.push({ ...mapping, id: `m${kept.length}`, name: `m${kept.length}` })
  }
  return kept
})

export const snapshots: fc.Arbitrary<Snapshot> = fc
  .record({
    mappings: distinctMappings,
    moved: fc.nat({ max: 40 }),
    groups,
    segments,
    defaults: fc.subarray([
      { host: null, serviceId: 'legacy-books' },
      { host: '*.example.com', serviceId: 'new-books' },
      { host: 'api.example.com', serviceId: 'legacy-books' },
    ]),
    forcedSide: fc.record({
      header: fc.constantFrom('x-crossfade-side', null),
      cookie: fc.constantFrom('side', null),
    }),
    callers: fc.record({
      keyDigests: fc.constantFrom([], [callerDigest]),
      segmentId: fc.constantFrom('staff', null),
    }),
  })
  .map(({ mappings: list, moved, defaults, forcedSide, callers, ...parts }) =>
    aSnapshot({
      ...parts,
      // Now and then one is past the point of no return.
      mappings: list.map((mapping, i) => ({ ...mapping, pointOfNoReturn: i === moved })),
      environment: anEnvironment({ defaults, forcedSide, callers }),
    }),
  )

/** Requests that often fit a mapping of `snapshots`; some spell their path in an unusual way. */
export const requests: fc.Arbitrary<RequestFacts> = fc
  .record({
    method: fc.constantFrom(...methods),
    star: fc.nat({ max: 30 }).map((n) => n === 0),
    host: fc.constantFrom(...hosts),
    path: fc
      .array(fc.constantFrom(...words, '7', '%61', 'x%2Fy', ''), { maxLength: 5 })
      .map((parts) => pathOf(parts)),
    query: fc.constantFrom('', 'user=u1', 'user=u2&x=1', 'x=%F0', 'us%65r=u1'),
    user: fc.option(fc.constantFrom(...identities)),
    uid: fc.option(fc.constantFrom(...identities)),
    side: fc.constantFrom(null, 'legacy', 'new', 'NEW', 'maybe'),
    sideCookie: fc.constantFrom(null, 'legacy', 'new', 'x'),
    staff: fc.boolean(),
    app: fc.constantFrom(null, '2.1.0', '2.0.9', '2.1.0-rc.1', 'junk'),
    clientIp: fc.constantFrom('10.1.2.3', '192.0.2.7', '2001:db8::1', ''),
    claim: fc.constantFrom(undefined, 'u1', 42, 1.5, 'caf\u00e9'),
    entropy: fc.integer({ min: 0, max: 9_999 }),
    key: fc.constantFrom(null, callerDigest, 'e'.repeat(64)),
  })
  .map((parts) => {
    const cookies = [
      ...(parts.uid === null ? [] : [`uid=${parts.uid}`]),
      ...(parts.sideCookie === null ? [] : [`side=${parts.sideCookie}`]),
    ]
    const headers: [string, string][] = []
    if (cookies.length > 0) headers.push(['cookie', cookies.join('; ')])
    if (parts.user !== null) headers.push(['x-user', parts.user])
    if (parts.side !== null) headers.push(['x-crossfade-side', parts.side])
    if (parts.staff) headers.push(['x-staff', 'yes'])
    if (parts.app !== null) headers.push(['x-app', parts.app])
    return factsOf({
      method: parts.method,
      host: parts.host,
      target: parts.star ? '*' : parts.query === '' ? parts.path : `${parts.path}?${parts.query}`,
      headers,
      clientIp: parts.clientIp,
      claims: parts.claim === undefined ? {} : { sub: parts.claim },
      entropy: parts.entropy,
      callerDigest: parts.key,
    })
  })
