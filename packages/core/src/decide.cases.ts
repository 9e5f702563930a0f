import {
  aGroup,
  aMapping,
  aMatch,
  anEnvironment,
  aSegment,
  aService,
  aSnapshot,
  aSplit,
} from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { factsOf, type FactsParts } from './facts.ts'
import type { Decision, Mapping, Match, Overlay, PathPattern, RequestFacts, Snapshot } from './model.ts'

/** One way to decide: the plain one or the fast one. */
export type Decide = (snapshot: Snapshot, facts: RequestFacts, overlays?: readonly Overlay[]) => Decision

/** What rules 1-10 say, as cases that every way to decide must pass. */
export function decideCases(decide: Decide): void {
  matchingCases(decide)
  precedenceCases(decide)
  sideCases(decide)
}

function matchingCases(decide: Decide): void {
  describe('matching', () => {
    it.each<[pattern: PathPattern, path: string, fits: boolean]>([
      [exact('/cart'), '/cart', true],
      [exact('/cart'), '/cart/', false],
      [exact('/cart'), '/Cart', false],
      [exact('/cart'), '//cart', true],
      [exact('/cart'), '/c%61rt', true],
      [exact('/caf\u00e9'), '/caf%c3%a9', true],
      [exact('/caf%C3%A9'), '/caf\u00c3\u00a9', true],
      [exact('/a@b'), '/a%40b', true],
      [exact('/a/b'), '/a%2Fb', false],
      [exact('/a%2fb'), '/a%2Fb', true],
      [prefix('/cart'), '/cart', true],
      [prefix('/cart'), '/cart/', true],
      [prefix('/cart'), '/cart/7', true],
      [prefix('/cart'), '/cartography', false],
      [prefix('/cart'), '/cart%2F7', false],
      [prefix('/cart/'), '/cart', true],
      [prefix('/cart'), '/a/cart', false],
      [prefix('/'), '/', true],
      [prefix('/'), '/anything/else', true],
      [template('/v2/books/:id'), '/v2/books/7', true],
      [template('/v2/books/:id'), '/v2/books/', false],
      [template('/v2/books/:id'), '/v2/books', false],
      [template('/v2/books/:id'), '/v2/books/7/', false],
      [template('/v2/books/:id'), '/v2/books/a%2Fb', true],
      [template('/v2/books/:id/'), '/v2/books/7/', true],
      [template('/files/*rest'), '/files/a/b', true],
      [template('/files/*rest'), '/files/', true],
      [template('/files/*rest'), '/files', false],
      [template('/:tenant/files/*rest'), '/acme/files/x', true],
      [template('/'), '/', true],
      [regex('^/author/\\d+$'), '/author/42', true],
      [regex('^/author/\\d+$'), '/author/42/books', false],
      [regex('author'), '/v2/author/1', true],
      [regex('(?i)^/AUTHOR$'), '/author', true],
      [regex('^/x|^/y'), '/y', true],
      [regex('^/caf%C3%A9$'), '/caf%c3%a9', true],
    ])('%o against %s: %s', (path, target, fits) => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch(path) })] })
      expect(decide(snapshot, get(target)).kind).toBe(fits ? 'mapped' : 'default')
    })

    it.each<[pattern: string | null, host: string, fits: boolean]>([
      [null, 'anything.test', true],
      ['api.example.com', 'API.Example.com:8080', true],
      ['api.example.com', 'www.example.com', false],
      ['*.example.com', 'www.example.com', true],
      ['*.example.com', 'a.b.example.com', true],
      ['*.example.com', 'example.com', false],
      ['*.example.com', 'badexample.com', false],
      ['[::1]', '[::1]:8080', true],
    ])('host %s against %s: %s', (pattern, host, fits) => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch('/a', { host: pattern }) })] })
      expect(decide(snapshot, get('/a', { host })).kind).toBe(fits ? 'mapped' : 'default')
    })

    it('takes parameters in received, still encoded form', () => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch(template('/:shelf/:id/*rest')) })] })
      expect(decide(snapshot, get('//caf%c3%a9//%61%2fb///x%41//y?q=1'))).toMatchObject({
        params: { shelf: 'caf%c3%a9', id: '%61%2fb', rest: 'x%41//y' },
      })
    })

    it('names regex groups by name and by number', () => {
      const match = aMatch(regex('^/author/(?<author>[^/]+)(/books)?$'))
      const snapshot = aSnapshot({ mappings: [aMapping({ match })] })
      expect(decide(snapshot, get('/author/%7eann'))).toMatchObject({
        params: { '1': '%7eann', author: '%7eann', '2': '' },
      })
    })
  })

  describe('what nothing matches', () => {
    const environment = anEnvironment({
      defaults: [
        { host: null, serviceId: 'legacy-books' },
        { host: '*.example.com', serviceId: 'wide' },
        { host: '*.eu.example.com', serviceId: 'wider' },
        { host: 'api.example.com', serviceId: 'exact' },
      ],
    })
    const services = ['legacy-books', 'new-books', 'wide', 'wider', 'exact'].map((id) => aService({ id }))

    it.each([
      ['api.example.com', 'exact'],
      ['www.example.com', 'wide'],
      ['x.eu.example.com', 'wider'],
      ['other.test', 'legacy-books'],
    ])('goes for %s to %s', (host, serviceId) => {
      const decision = decide(aSnapshot({ environment, services }), get('/nothing', { host }))
      expect(decision).toEqual({ kind: 'default', revision: 1, serviceId })
    })

    it('has no answer without a default service', () => {
      const snapshot = aSnapshot({ environment: anEnvironment({ defaults: [] }) })
      expect(decide(snapshot, get('/nothing'))).toEqual({ kind: 'no-default-service', revision: 1 })
    })
  })
}

function precedenceCases(decide: Decide): void {
  const winnerAmong = (mappings: Record<string, Match>, facts: RequestFacts): string | null => {
    const list = Object.entries(mappings).map(([id, match]) => aMapping({ id, match }))
    const answers = [list, list.toReversed()].map((some) => decide(aSnapshot({ mappings: some }), facts))
    // The order in which mappings are listed never matters.
    expect(answers[0]).toEqual(answers[1])
    return answers[0]?.kind === 'mapped' ? answers[0].mapping.id : null
  }

  describe('precedence', () => {
    it('puts an exact host before the longer wildcard, the shorter one, and none, whatever the paths', () => {
      const mappings = {
        none: aMatch('/a/b'),
        short: aMatch(template('/a/:x'), { host: '*.example.com' }),
        long: aMatch(prefix('/a'), { host: '*.api.example.com' }),
        exact: aMatch(regex('^/a'), { host: 'x.api.example.com' }),
      }
      expect(winnerAmong(mappings, get('/a/b', { host: 'x.api.example.com' }))).toBe('exact')
      expect(winnerAmong(mappings, get('/a/b', { host: 'y.api.example.com' }))).toBe('long')
      expect(winnerAmong(mappings, get('/a/b', { host: 'www.example.com' }))).toBe('short')
      expect(winnerAmong(mappings, get('/a/b', { host: 'other.test' }))).toBe('none')
    })

    it('puts exact before template before prefix before regex', () => {
      const mappings = {
        a_regex: aMatch(regex('^/v2/books/7$', 0)),
        b_prefix: aMatch(prefix('/v2/books')),
        c_template: aMatch(template('/:a/:b/:c')),
        d_exact: aMatch('/v2/books/7'),
      }
      expect(winnerAmong(mappings, get('/v2/books/7'))).toBe('d_exact')
      expect(winnerAmong(mappings, get('/v2/books/8'))).toBe('c_template')
      expect(winnerAmong(mappings, get('/v2/books/8/9'))).toBe('b_prefix')
    })

    it('prefers templates with more literal segments, then the leftmost literal', () => {
      const mappings = {
        one: aMatch(template('/v2/:a/:b')),
        left: aMatch(template('/v2/books/:id')),
        right: aMatch(template('/v2/:kind/7')),
        middle: aMatch(template('/:v/books/7')),
      }
      expect(winnerAmong(mappings, get('/v2/books/7'))).toBe('left')
      expect(winnerAmong(mappings, get('/v2/authors/7'))).toBe('right')
      expect(winnerAmong(mappings, get('/v3/books/7'))).toBe('middle')
      expect(winnerAmong(mappings, get('/v2/authors/8'))).toBe('one')
    })

    it('measures prefixes and *rest templates together by their literal segments', () => {
      const mappings = {
        a_short: aMatch(prefix('/v2')),
        b_rest: aMatch(template('/v2/:kind/all/*rest')),
        c_long: aMatch(prefix('/v2/books/all')),
      }
      expect(winnerAmong(mappings, get('/v2/books/all/x'))).toBe('c_long')
      expect(winnerAmong(mappings, get('/v2/authors/all/x'))).toBe('b_rest')
      expect(winnerAmong(mappings, get('/v2/authors/some'))).toBe('a_short')
    })

    it('tries regexes by position', () => {
      const mappings = { a: aMatch(regex('books', 2)), z: aMatch(regex('^/v2', 1)) }
      expect(winnerAmong(mappings, get('/v2/books'))).toBe('z')
      expect(winnerAmong(mappings, get('/v3/books'))).toBe('a')
    })

    it('prefers the smaller method set, then the smaller id', () => {
      const tied = { b: aMatch(prefix('/x')), a: aMatch(template('/x/*rest')) }
      expect(winnerAmong(tied, get('/x/1'))).toBe('a')
      const smaller = {
        a: aMatch(template('/x/*rest')),
        b: aMatch(prefix('/x'), { methods: ['GET', 'PUT'] }),
      }
      expect(winnerAmong(smaller, get('/x/1'))).toBe('b')
      expect(winnerAmong(smaller, get('/x/1', { method: 'POST' }))).toBe('a')
    })

    it('falls through a closer path that is for other methods', () => {
      const mappings = {
        exact: aMatch('/v2/books', { methods: ['POST'] }),
        template: aMatch(template('/v2/:kind'), { methods: ['PUT'] }),
        prefix: aMatch(prefix('/v2')),
        host: aMatch('/v2/books', { methods: ['PATCH'], host: 'api.example.com' }),
      }
      expect(winnerAmong(mappings, get('/v2/books'))).toBe('prefix')
      expect(winnerAmong(mappings, get('/v2/books', { method: 'PUT' }))).toBe('template')
      expect(winnerAmong(mappings, get('/v2/books', { method: 'POST' }))).toBe('exact')
      expect(winnerAmong(mappings, get('/v2/books', { method: 'PATCH', host: 'api.example.com' }))).toBe(
        'host',
      )
    })
  })
}

function sideCases(decide: Decide): void {
  const decideOne = (
    overrides: Partial<Mapping>,
    facts: RequestFacts = get('/v2/books'),
    rest: Partial<Snapshot> = {},
  ) => decide(aSnapshot({ mappings: [aMapping(overrides)], ...rest }), facts)
  const forcing = anEnvironment({
    forcedSide: { header: 'x-side', cookie: 'side' },
    callers: { keyDigests: ['a'.repeat(64)], segmentId: 'staff' },
  })
  const allowed: Partial<FactsParts> = { callerDigest: 'a'.repeat(64) }

  describe('the side', () => {
    it('is new beyond the point of no return, whatever else is said', () => {
      const facts = get('/v2/books', { ...allowed, method: 'POST', headers: [['X-Side', 'legacy']] })
      const writes = { kind: 'phased', phase: 'off' } as const
      expect(
        decideOne({ pointOfNoReturn: true, writes }, facts, { environment: forcing, segments: [aSegment()] }),
      ).toMatchObject({
        side: 'new',
        reason: { kind: 'point-of-no-return' },
      })
    })

    it.each([
      ['off', 'legacy'],
      ['dual-legacy', 'legacy'],
      ['dual-new', 'new'],
    ] as const)('of writes follows the phase %s', (phase, side) => {
      const mapping = { writes: { kind: 'phased', phase }, split: aSplit({ share: 10_000 }) } as const
      for (const method of ['POST', 'PUT', 'PATCH', 'DELETE', 'PURGE']) {
        const facts = get('/v2/books', { ...allowed, method, headers: [['x-side', 'legacy']] })
        expect(decideOne(mapping, facts, { environment: forcing, segments: [aSegment()] })).toMatchObject({
          side,
          reason: { kind: 'write-phase', phase },
        })
      }
      for (const method of ['GET', 'HEAD', 'OPTIONS', 'TRACE']) {
        expect(decideOne(mapping, get('/v2/books', { method }))).toMatchObject({ side: 'new' })
      }
    })

    it('can be forced at 0 % by an allowed caller, with a header before a cookie', () => {
      const force = (parts: Partial<FactsParts>) =>
        decideOne({}, get('/v2/books', parts), { environment: forcing, segments: [aSegment()] })
      const header = ['x-side', 'new'] as const
      const cookie = ['cookie', 'a=b; side=new'] as const

      const forced = { side: 'new', reason: { kind: 'forced', by: 'header' } }
      expect(force({ ...allowed, headers: [header] })).toMatchObject(forced)
      expect(force({ headers: [header, ['x-staff', 'yes']] })).toMatchObject(forced)
      expect(force({ ...allowed, headers: [cookie] })).toMatchObject({ reason: { by: 'cookie' } })
      expect(force({ ...allowed, headers: [['x-side', 'legacy'], cookie] })).toMatchObject({
        side: 'legacy',
        reason: { by: 'header' },
      })
    })

    it.each([
      ['a stranger', {}, 'new'],
      ['a wrong key', { callerDigest: 'b'.repeat(64) }, 'new'],
      ['another spelling', allowed, 'NEW'],
      ['an unknown value', allowed, 'canary'],
      ['an empty value', allowed, ''],
    ])('is not forced by %s', (_, parts, value) => {
      const facts = get('/v2/books', { ...parts, headers: [['x-side', value]] })
      expect(decideOne({}, facts, { environment: forcing, segments: [aSegment()] })).toMatchObject({
        side: 'legacy',
        reason: { kind: 'nobody' },
      })
    })

    it('is that of the first matching segment of the list, before the share', () => {
      const segments = [
        aSegment({ id: 'staff', side: 'new' }),
        aSegment({
          id: 'old-apps',
          side: 'legacy',
          conditions: [
            { attribute: { kind: 'header', name: 'x-app' }, operator: 'semver-below', values: ['2.0.0'] },
          ],
        }),
      ]
      const facts = get('/v2/books', {
        headers: [
          ['x-staff', 'yes'],
          ['x-app', '1.9.0'],
        ],
      })
      const first = (list: string[]) => decideOne({ segments: list }, facts, { segments })
      expect(first(['staff', 'old-apps'])).toMatchObject({
        side: 'new',
        reason: { kind: 'segment', segmentId: 'staff' },
      })
      expect(first(['old-apps', 'staff'])).toMatchObject({
        side: 'legacy',
        reason: { kind: 'segment', segmentId: 'old-apps' },
      })
      expect(first([])).toMatchObject({ reason: { kind: 'nobody' } })
    })

    it('is legacy at 0 and new at 10 000 without a look at who asks', () => {
      expect(decideOne({ split: aSplit({ share: 0 }) })).toMatchObject({
        side: 'legacy',
        reason: { kind: 'nobody' },
      })
      expect(decideOne({ split: aSplit({ share: 10_000 }) })).toMatchObject({
        side: 'new',
        reason: { kind: 'everybody' },
      })
    })

    it('is that of the group for its members', () => {
      const groups = [aGroup({ id: 'done', split: aSplit({ share: 10_000 }) })]
      expect(decideOne({ split: { groupId: 'done' } }, undefined, { groups })).toMatchObject({ side: 'new' })
    })

    it('is new when the bucket is below the share, and not when it equals it', () => {
      const split = aSplit({ identity: { kind: 'request' } })
      const at = (entropy: number) =>
        decideOne({ split: { ...split, share: 2_500 } }, get('/v2/books', { entropy }))
      expect(at(2_499)).toMatchObject({
        side: 'new',
        reason: { kind: 'bucket', bucket: 2_499, share: 2_500, sticky: false },
      })
      expect(at(2_500)).toMatchObject({ side: 'legacy' })
    })
  })

  describe('who asks', () => {
    const bucketOf = (split: Parameters<typeof aSplit>[0], parts: Partial<FactsParts>, query = '') => {
      const facts = get(`/v2/books${query}`, { clientIp: '192.0.2.1', entropy: 4_321, ...parts })
      const decision = decideOne({ split: aSplit({ share: 5_000, ...split }) }, facts)
      return decision.kind === 'mapped' ? decision.reason : null
    }
    /** The bucket of `u1` in the cohort of `aSplit`, from the golden vectors. */
    const ofU1 = { kind: 'bucket', bucket: 1_500, sticky: true }

    it('is told alike by header, cookie, query and claim', () => {
      expect(
        bucketOf({ identity: { kind: 'header', name: 'x-user' } }, { headers: [['X-User', 'u1']] }),
      ).toMatchObject(ofU1)
      expect(bucketOf({}, { headers: [['Cookie', 'a=1; uid=u1 ; uid=u2']] })).toMatchObject(ofU1)
      expect(bucketOf({ identity: { kind: 'query', name: 'uid' } }, {}, '?a=1&uid=u1&uid=u2')).toMatchObject(
        ofU1,
      )
      expect(bucketOf({ identity: { kind: 'claim', name: 'sub' } }, { claims: { sub: 'u1' } })).toMatchObject(
        ofU1,
      )
    })

    it('is taken from the wire without decoding', () => {
      const encoded = bucketOf({}, { headers: [['cookie', 'uid=%75%31']] })
      expect(encoded).not.toMatchObject(ofU1)
      expect(encoded).toMatchObject({ kind: 'bucket', sticky: true })
    })

    it('reads an integer claim in decimal, and no other number', () => {
      const identity = { kind: 'claim', name: 'sub' } as const
      const asText = bucketOf({ identity }, { claims: { sub: '42' } })
      expect(bucketOf({ identity }, { claims: { sub: 42 } })).toEqual(asText)
      expect(bucketOf({ identity }, { claims: { sub: 4.2 } })).toMatchObject({ kind: 'missing-identity' })
    })

    it('is the client address in its one text form', () => {
      const identity = { kind: 'client-ip' } as const
      const short = bucketOf({ identity }, { clientIp: '2001:db8::1' })
      expect(bucketOf({ identity }, { clientIp: '2001:0DB8:0:0:0:0:0:1' })).toEqual(short)
      expect(bucketOf({ identity }, { clientIp: '::ffff:192.0.2.1' })).toEqual(
        bucketOf({ identity }, { clientIp: '192.0.2.1' }),
      )
    })

    it.each([
      ['legacy', { kind: 'missing-identity', share: 5_000 }],
      ['request', { kind: 'bucket', bucket: 4_321, sticky: false }],
    ] as const)('is, when missing or empty, treated as said: %s', (missing, reason) => {
      expect(bucketOf({ missing }, {})).toMatchObject(reason)
      expect(bucketOf({ missing }, { headers: [['cookie', 'uid=; uid=u1']] })).toMatchObject(reason)
    })

    it('is, when missing, the client address if so said', () => {
      const byAddress = bucketOf({ identity: { kind: 'client-ip' } }, {})
      expect(bucketOf({ missing: 'client-ip' }, {})).toEqual(byAddress)
      expect(bucketOf({ missing: 'client-ip' }, { clientIp: '' })).toMatchObject({ sticky: false })
    })
  })

  describe('an overlay', () => {
    const overlay = (mappingIds: string[], groupIds: string[] = []): Overlay => ({
      environmentId: 'default',
      epoch: 'epoch-1',
      revision: 2,
      mappingIds,
      groupIds,
    })
    const everybody = aSplit({ share: 10_000 })

    it('holds the shares of its mappings and groups at 0 and leaves others alone', () => {
      const snapshot = aSnapshot({
        groups: [aGroup({ id: 'done', split: everybody })],
        mappings: [
          aMapping({ id: 'a', match: aMatch('/a'), split: everybody }),
          aMapping({ id: 'b', match: aMatch('/b'), split: { groupId: 'done' } }),
          aMapping({ id: 'c', match: aMatch('/c'), split: everybody }),
        ],
      })
      const overlays = [overlay(['a', 'unknown']), overlay([], ['done', 'unknown'])]
      const sides = ['/a', '/b', '/c'].map((path) => decide(snapshot, get(path), overlays))
      expect(sides).toMatchObject([
        { side: 'legacy', reason: { kind: 'nobody' } },
        { side: 'legacy', reason: { kind: 'nobody' } },
        { side: 'new', reason: { kind: 'everybody' } },
      ])
    })

    it('does not reach beyond the point of no return, nor writes in a phase of their own', () => {
      const mappings = [
        aMapping({ id: 'a', match: aMatch('/a'), pointOfNoReturn: true }),
        aMapping({
          id: 'b',
          match: aMatch('/b'),
          split: everybody,
          writes: { kind: 'phased', phase: 'dual-new' },
        }),
      ]
      const snapshot = aSnapshot({ mappings })
      const under = (facts: RequestFacts) => decide(snapshot, facts, [overlay(['a', 'b'])])
      expect(under(get('/a'))).toMatchObject({ side: 'new', reason: { kind: 'point-of-no-return' } })
      expect(under(get('/b'))).toMatchObject({ side: 'legacy' })
      expect(under(get('/b', { method: 'POST' }))).toMatchObject({ side: 'new' })
    })
  })
}

function get(target: string, parts: Partial<FactsParts> = {}): RequestFacts {
  return factsOf({ method: 'GET', host: 'api.books.example', target, ...parts })
}

function exact(path: string): PathPattern {
  return { kind: 'exact', path }
}

function prefix(path: string): PathPattern {
  return { kind: 'prefix', path }
}

function template(text: string): PathPattern {
  return { kind: 'template', template: text }
}

function regex(pattern: string, position = 0): PathPattern {
  return { kind: 'regex', pattern, position }
}
