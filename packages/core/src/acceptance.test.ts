import { aMapping, aMatch, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { bucketOf } from './bucket.ts'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import { compileSnapshot } from './routing-table.ts'

/**
 * The acceptance tests of a fair split, on the pure core; their letters are those of the list that e2e goes through
 * with real agents. (e), (f) and (k) are with ramps and guardrails.
 */
const identity = { kind: 'header', name: 'x-user' } as const

function newUsers(share: number, paths: readonly string[] = ['/a']): Set<string>[] {
  const mappings = paths.map((path, i) =>
    aMapping({
      id: `m${i}`,
      name: `m${i}`,
      match: aMatch(path),
      split: aSplit({ cohort: 'cohort-0001', share, identity }),
    }),
  )
  const table = compileSnapshot(aSnapshot({ mappings }))
  const isNew = (path: string, user: string) => {
    const facts = factsOf({ method: 'GET', host: 'h', target: path, headers: [['X-User', user]] })
    const decision = decide(table, facts)
    return decision.kind === 'mapped' && decision.side === 'new'
  }
  const users = Array.from({ length: 1_000 }, (_, i) => `user-${i}`)
  return paths.map((path) => new Set(users.filter((user) => isNew(path, user))))
}

describe('a split', () => {
  it('(a) 1 000 users, 10 -> 20 -> 10: the users on new at 10 are the same set both times', () => {
    const [[before], [between], [after]] = [newUsers(1_000), newUsers(2_000), newUsers(1_000)]
    expect(before?.size).toBeGreaterThan(50)
    expect(after).toEqual(before)
    expect(before?.isSubsetOf(between ?? new Set())).toBe(true)
  })

  it('(c) a journey of 3 endpoints in one cohort is never mixed', () => {
    const [first, second, third] = newUsers(3_000, ['/search', '/cart', '/pay'])
    expect(first?.size).toBeGreaterThan(200)
    expect(second).toEqual(first)
    expect(third).toEqual(first)
  })

  it('(d) 0.05 % of a million keys is 400 to 600 of them', () => {
    let fresh = 0
    for (let i = 0; i < 1_000_000; i++) if (bucketOf('cohort-0001', `user-${i}`) < 5) fresh++
    expect(fresh).toBeGreaterThanOrEqual(400)
    expect(fresh).toBeLessThanOrEqual(600)
  })
})
