import { requests, shares, snapshots } from '@crossfade/testkit/arbitraries'
import { aMapping, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { bucketOf } from './bucket.ts'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import { WHOLE, type RequestFacts, type Share, type Snapshot } from './model.ts'
import { referenceDecide } from './reference.ts'
import { compileSnapshot, withOverlays } from './routing-table.ts'
import { problemsOfSnapshot } from './validate.ts'

const runs = { numRuns: 300 }

describe('any snapshot and any request', () => {
  it('is decided alike by the reference and the indexed router', () => {
    fc.assert(
      fc.property(snapshots, fc.array(requests, { minLength: 1, maxLength: 8 }), (snapshot, many) => {
        const table = compileSnapshot(snapshot)
        for (const facts of many) expect(decide(table, facts)).toEqual(referenceDecide(snapshot, facts))
      }),
      runs,
    )
  })

  it('is decided alike by both under overlays', () => {
    const overlays = fc.record({
      environmentId: fc.constant('default'),
      epoch: fc.constant('epoch-1'),
      revision: fc.constant(2),
      mappingIds: fc.subarray(['m0', 'm1', 'm2', 'unknown']),
      groupIds: fc.subarray(['careful', 'quarter', 'unknown']),
    })
    fc.assert(
      fc.property(snapshots, requests, fc.array(overlays, { maxLength: 2 }), (snapshot, facts, list) => {
        const table = withOverlays(compileSnapshot(snapshot), list)
        expect(decide(table, facts)).toEqual(referenceDecide(snapshot, facts, list))
      }),
      runs,
    )
  })

  it('holds together, so that the generator tests what agents accept', () => {
    fc.assert(
      fc.property(snapshots, (snapshot) => {
        expect(problemsOfSnapshot(snapshot)).toEqual([])
      }),
    )
  })
})

describe('moving the share of everything', () => {
  const twoShares = fc.tuple(shares, shares).map(([a, b]) => [Math.min(a, b), Math.max(a, b)] as const)
  const sideAt = (snapshot: Snapshot, share: Share, facts: RequestFacts) => {
    const decision = decide(compileSnapshot(withShare(snapshot, share)), facts)
    return decision.kind === 'mapped' ? decision.side : null
  }

  it('never sends anyone back when it rises', () => {
    fc.assert(
      fc.property(snapshots, requests, twoShares, (snapshot, facts, [low, high]) => {
        const path = [sideAt(snapshot, low, facts), sideAt(snapshot, high, facts)]
        expect(path).not.toEqual(['new', 'legacy'])
      }),
      runs,
    )
  })

  it('moves those who joined last first when it falls', () => {
    const identity = { kind: 'header', name: 'x-user' } as const
    const asked = (user: string) =>
      factsOf({ method: 'GET', host: 'h', target: '/v2/books', headers: [['x-user', user]] })
    const snapshot = aSnapshot({ mappings: [aMapping({ split: aSplit({ identity }) })] })
    const firstShareOf = (user: string) => bucketOf(aSplit().cohort, user) + 1

    fc.assert(
      fc.property(
        fc.uniqueArray(fc.string({ unit: fc.constantFrom('a', 'b', '0', '1') }), { minLength: 2 }),
        shares,
        (users, share) => {
          const named = users.filter((user) => user !== '')
          const still = named.filter((user) => sideAt(snapshot, share, asked(user)) === 'new')
          const gone = named.filter((user) => !still.includes(user))
          const lastOfStill = Math.max(0, ...still.map(firstShareOf))
          const firstOfGone = Math.min(WHOLE + 1, ...gone.map(firstShareOf))
          expect(lastOfStill).toBeLessThan(firstOfGone)
        },
      ),
      { numRuns: 100 },
    )
  })
})

function withShare(snapshot: Snapshot, share: Share): Snapshot {
  return {
    ...snapshot,
    groups: snapshot.groups.map((group) => ({ ...group, split: { ...group.split, share } })),
    mappings: snapshot.mappings.map((mapping) =>
      'groupId' in mapping.split ? mapping : { ...mapping, split: { ...mapping.split, share } },
    ),
  }
}
