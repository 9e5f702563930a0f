import { requests, snapshots } from '@crossfade/testkit/arbitraries'
import {
  aGroup,
  aMapping,
  aMatch,
  aPolicy,
  aRewrite,
  aSegment,
  aSnapshot,
  aSplit,
  aTarget,
} from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf } from './bucket.ts'
import { decide } from './decide.ts'
import type { Mapping, Policy, RateLimit, RequestFacts, Snapshot, Split } from './model.ts'
import { isRaise, moves } from './preview.ts'
import { compileSnapshot } from './routing-table.ts'

const withMapping = (overrides: Partial<Mapping>, rest: Partial<Snapshot> = {}) =>
  aSnapshot({ mappings: [aMapping(overrides)], ...rest })
const withSplit = (overrides: Partial<Split>) => withMapping({ split: aSplit(overrides) })
const groups = [
  aGroup({ id: 'careful', split: aSplit({ share: 100 }) }),
  aGroup({ id: 'quarter', split: aSplit({ share: 2_500 }) }),
  aGroup({ id: 'done', split: aSplit({ share: 10_000 }) }),
  aGroup({ id: 'strangers', split: aSplit({ share: 5_000, cohort: 'cohort-0002' }) }),
]
const limit: RateLimit = { name: 'all', key: null, side: null, perSecond: 10, burst: 5 }
const inGroup = (groupId: string) => withMapping({ split: { groupId } }, { groups })

describe('raising a share', () => {
  it('moves the buckets between the two shares to new, and nobody back', () => {
    const [before, after] = [withSplit({ share: 100 }), withSplit({ share: 2_500 })]
    expect(moves(before, after)).toEqual([
      {
        mappingId: 'books',
        name: 'books',
        intervals: [{ from: 100, to: 2_500, fromSide: 'legacy', toSide: 'new' }],
        toNew: 2_400,
        toLegacy: 0,
        reshuffled: false,
        raises: true,
      },
    ])
    expect(isRaise(before, after)).toBe(true)
  })
})

describe('lowering a share', () => {
  it('moves the same buckets back and is no raise', () => {
    const [before, after] = [withSplit({ share: 2_500 }), withSplit({ share: 100 })]
    expect(moves(before, after)).toMatchObject([
      { intervals: [{ from: 100, to: 2_500, fromSide: 'new', toSide: 'legacy' }], toNew: 0, toLegacy: 2_400 },
    ])
    expect(isRaise(before, after)).toBe(false)
  })
})

describe('hopping from group to group with a shared cohort', () => {
  it.each([
    ['careful', 'quarter', 2_400],
    ['quarter', 'done', 7_500],
    ['careful', 'done', 9_900],
  ])('from %s to %s sends nobody back', (from, to, toNew) => {
    expect(moves(inGroup(from), inGroup(to))).toMatchObject([{ toNew, toLegacy: 0, reshuffled: false }])
  })

  it('from a share of its own to a group with a higher one sends nobody back', () => {
    const before = withMapping({ split: aSplit({ share: 2_000 }) }, { groups })
    expect(moves(before, inGroup('quarter'))).toMatchObject([{ toNew: 500, toLegacy: 0, reshuffled: false }])
  })

  it('to another cohort reshuffles, and says how many move each way', () => {
    const [change] = moves(inGroup('quarter'), inGroup('strangers'))
    expect(change).toMatchObject({ reshuffled: true, intervals: [], toNew: 3_750, toLegacy: 1_250 })
    expect(isRaise(inGroup('quarter'), inGroup('strangers'))).toBe(true)
  })

  it('of a group moves all its members', () => {
    const members = ['a', 'b'].map((id) =>
      aMapping({ id, match: aMatch(`/${id}`), split: { groupId: 'quarter' } }),
    )
    const at = (share: number) =>
      aSnapshot({ mappings: members, groups: [aGroup({ split: aSplit({ share }) })] })
    expect(moves(at(0), at(50)).map(({ mappingId, toNew }) => [mappingId, toNew])).toEqual([
      ['a', 50],
      ['b', 50],
    ])
  })
})

describe('changing who counts as the same', () => {
  it.each<[string, Partial<Split>]>([
    ['cohort', { cohort: 'cohort-0002' }],
    ['identity', { identity: { kind: 'header', name: 'x-user' } }],
    ['missing policy', { missing: 'request' }],
  ])('reshuffles with another %s', (_, change) => {
    const [before, after] = [withSplit({ share: 2_500 }), withSplit({ share: 2_500, ...change })]
    expect(moves(before, after)).toMatchObject([{ reshuffled: true }])
    expect(isRaise(before, after)).toBe(true)
  })

  it.each([0, 10_000])('moves nobody at %i', (share) => {
    const after = withSplit({
      share,
      cohort: 'cohort-0002',
      identity: { kind: 'request' },
      missing: 'client-ip',
    })
    expect(moves(withSplit({ share }), after)).toEqual([])
    expect(isRaise(withSplit({ share }), after)).toBe(false)
  })

  it('knows the buckets when everyone was on one side', () => {
    expect(moves(withSplit({ share: 0 }), withSplit({ share: 300, cohort: 'cohort-0002' }))).toMatchObject([
      { intervals: [{ from: 0, to: 300, toSide: 'new' }], reshuffled: false, toLegacy: 0 },
    ])
    expect(
      moves(withSplit({ share: 10_000 }), withSplit({ share: 300, cohort: 'cohort-0002' })),
    ).toMatchObject([
      { intervals: [{ from: 300, to: 10_000, toSide: 'legacy' }], reshuffled: false, toNew: 0 },
    ])
  })

  it('makes no difference of the cohort where chance decides', () => {
    const identity = { kind: 'request' } as const
    const [before, after] = [
      withSplit({ share: 50, identity }),
      withSplit({ share: 50, identity, cohort: 'cohort-0002' }),
    ]
    expect(moves(before, after)).toEqual([])
  })
})

describe('changing a match', () => {
  const at = (share: number, path: string) => withMapping({ match: aMatch(path), split: aSplit({ share }) })

  it('reshuffles while new has traffic', () => {
    expect(moves(at(2_500, '/a'), at(2_500, '/b'))).toMatchObject([{ reshuffled: true }])
    expect(isRaise(at(2_500, '/a'), at(2_500, '/b'))).toBe(true)
    expect(moves(at(0, '/a'), at(0, '/b'))).toEqual([])
  })

  it('does not count what parameters are called', () => {
    const named = (text: string) =>
      withMapping({ match: aMatch({ kind: 'template', template: text }), split: aSplit({ share: 50 }) })
    expect(moves(named('/a/:x'), named('/a/:y'))).toEqual([])
  })
})

describe('mappings that come and go', () => {
  const wide = (share: number) =>
    aMapping({ id: 'wide', match: aMatch({ kind: 'prefix', path: '/v2' }), split: aSplit({ share }) })
  const narrow = (share: number) =>
    aMapping({ id: 'narrow', match: aMatch('/v2/a'), split: aSplit({ share }) })
  const having = (...mappings: Mapping[]) => aSnapshot({ mappings })

  it('start at 0 without moving anyone', () => {
    expect(moves(having(), having(narrow(0)))).toEqual([])
    expect(isRaise(having(), having(narrow(0)))).toBe(false)
  })

  it('move their share when they start higher', () => {
    expect(moves(having(), having(narrow(50)))).toMatchObject([
      { toNew: 50, reshuffled: false, raises: true },
    ])
  })

  it('send everyone back when they go', () => {
    expect(moves(having(narrow(50)), having())).toMatchObject([
      { mappingId: 'narrow', toLegacy: 50, raises: false },
    ])
  })

  it('are a raise when what they leave falls to a mapping with a share', () => {
    const [before, after] = [having(wide(5_000), narrow(0)), having(wide(5_000))]
    expect(moves(before, after)).toMatchObject([{ mappingId: 'wide', reshuffled: true, raises: true }])
    expect(isRaise(before, after)).toBe(true)
  })

  it('send back what they take at 0 from a mapping with a share', () => {
    const [before, after] = [having(wide(5_000)), having(wide(5_000), narrow(0))]
    expect(moves(before, after)).toMatchObject([{ mappingId: 'narrow', toLegacy: 5_000, raises: false }])
    expect(isRaise(before, after)).toBe(false)
  })
})

describe('other raises', () => {
  it('are a declared point of no return and writes that go to new', () => {
    const phase = (name: 'off' | 'dual-legacy' | 'dual-new') =>
      withMapping({ writes: { kind: 'phased', phase: name }, split: aSplit({ share: 50 }) })
    expect(
      isRaise(withSplit({ share: 50 }), withMapping({ split: aSplit({ share: 50 }), pointOfNoReturn: true })),
    ).toBe(true)
    expect(isRaise(phase('dual-legacy'), phase('dual-new'))).toBe(true)
    expect(isRaise(phase('dual-new'), phase('dual-legacy'))).toBe(false)
    expect(isRaise(phase('off'), phase('dual-legacy'))).toBe(false)
  })

  it('are another service or rewrite for a side with traffic', () => {
    const at = (share: number, overrides: Partial<Mapping> = {}) =>
      withMapping({ split: aSplit({ share }), ...overrides })
    const other = { new: aTarget({ serviceId: 'legacy-books' }) }
    const rewritten = { legacy: aTarget({ rewrite: aRewrite({ mapBack: false }) }) }
    expect(isRaise(at(0), at(0, other))).toBe(false)
    expect(isRaise(at(1), at(1, other))).toBe(true)
    expect(isRaise(at(0), at(0, rewritten))).toBe(true)
    expect(isRaise(at(10_000), at(10_000, rewritten))).toBe(false)
    expect(moves(at(1), at(1, other))).toEqual([])
  })

  it.each<[string, Partial<Policy>, Partial<Policy>]>([
    ['the breaker', {}, { breaker: null }],
    ['a limit on bodies', { bodyLimitBytes: 10 }, { bodyLimitBytes: 11 }],
    ['a limit on callers', { limits: [limit] }, { limits: [] }],
  ])('are removing or loosening %s of a side with traffic', (_, before, after) => {
    const at = (share: number, policy: Partial<Policy>) =>
      withMapping({ split: aSplit({ share }), policy: aPolicy(policy) })
    for (const share of [0, 50, 10_000]) {
      expect(isRaise(at(share, before), at(share, after))).toBe(true)
      expect(isRaise(at(share, after), at(share, before))).toBe(false)
      expect(moves(at(share, before), at(share, after))).toEqual([])
    }
  })

  it('are removing what protects new, once new has traffic', () => {
    const at = (share: number, concurrency: number | null, safeFallback: boolean) =>
      withMapping({
        split: aSplit({ share }),
        policy: aPolicy({ concurrency: { legacy: null, new: concurrency }, safeFallback }),
      })
    expect(isRaise(at(0, 5, true), at(0, null, false))).toBe(false)
    expect(isRaise(at(1, 5, true), at(1, null, true))).toBe(true)
    expect(isRaise(at(1, 5, true), at(1, 6, true))).toBe(true)
    expect(isRaise(at(1, 5, true), at(1, 5, false))).toBe(true)
    expect(isRaise(at(1, 5, true), at(1, 4, true))).toBe(false)
  })

  it('are segments that may send somebody to new', () => {
    const segments = [aSegment({ id: 'in', side: 'new' }), aSegment({ id: 'out', side: 'legacy' })]
    const at = (...list: string[]) => withMapping({ segments: list }, { segments })
    expect(isRaise(at(), at('in'))).toBe(true)
    expect(isRaise(at('in'), at())).toBe(false)
    expect(isRaise(at(), at('out'))).toBe(false)
    expect(isRaise(at('out'), at())).toBe(true)
    expect(isRaise(at('out', 'in'), at('in', 'out'))).toBe(true)
    expect(
      isRaise(
        at('in'),
        withMapping({ segments: ['in'] }, { segments: [aSegment({ id: 'in', conditions: [] })] }),
      ),
    ).toBe(true)
  })
})

describe('the preview', () => {
  it('names every mapping in which a request changes side by its share', () => {
    fc.assert(
      fc.property(snapshots, snapshots, requests, (before, other, facts) => {
        const after = { ...other, segments: before.segments, environment: before.environment }
        const change = [before, after].map((snapshot) => sideOf(snapshot, facts))
        const turnedNew = change[0] !== 'new' && change[1] === 'new'
        const raising = moves(before, after).filter(({ raises }) => raises)
        expect(turnedNew && raising.length === 0).toBe(false)
      }),
      { numRuns: 200 },
    )
  })

  it('gives the very buckets that move', () => {
    fc.assert(
      fc.property(fc.nat(10_000), fc.nat(10_000), fc.string(), (a, b, user) => {
        const [change] = moves(withSplit({ share: a }), withSplit({ share: b }))
        const bucket = bucketOf(aSplit().cohort, encodeURIComponent(user.toWellFormed()))
        const predicted = change?.intervals.some(({ from, to }) => bucket >= from && bucket < to) ?? false
        expect(predicted).toBe(bucket < a !== bucket < b)
      }),
    )
  })
})

/** Without forcing, which says nothing about shares. */
function sideOf(snapshot: Snapshot, facts: RequestFacts): string {
  const decision = decide(compileSnapshot(snapshot), { ...facts, callerDigest: null })
  return decision.kind === 'mapped' ? decision.side : 'legacy'
}
