import {
  aGroup,
  aMapping,
  aMatch,
  anEnvironment,
  aSegment,
  aSnapshot,
  aSplit,
} from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { get, type Decide } from './cases-kit.ts'
import type { FactsParts } from './facts.ts'
import type { Mapping, Overlay, RequestFacts, Snapshot } from './model.ts'

/** Which side answers (rules 7 to 10, 12, 19, 20 and 33). */
export function sideCases(decide: Decide): void {
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
