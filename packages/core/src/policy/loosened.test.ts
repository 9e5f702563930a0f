import { policies } from '@crossfade/testkit/arbitraries'
import { aPolicy } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Policy, RateLimit, Side } from '../model.ts'
import { isLoosened } from './loosened.ts'

const breaker = { failurePercent: 50, minimumSample: 20, windowMs: 10_000, openMs: 1_000 }
const limit: RateLimit = { name: 'all', key: null, side: null, perSecond: 10, burst: 5 }
const byUser: RateLimit = { ...limit, name: 'user', key: { kind: 'header', name: 'x-user' } }
const sides =
  (...having: Side[]) =>
  (side: Side) =>
    having.includes(side)
const both = sides('legacy', 'new')
const loosens = (before: Partial<Policy>, after: Partial<Policy>, hasTraffic = both) =>
  isLoosened(aPolicy(before), aPolicy(after), hasTraffic)

describe('a protection', () => {
  it.each<[string, Partial<Policy>, Partial<Policy>]>([
    ['a breaker that goes', { breaker }, { breaker: null }],
    ['more failures', { breaker }, { breaker: { ...breaker, failurePercent: 51 } }],
    ['a larger sample', { breaker }, { breaker: { ...breaker, minimumSample: 21 } }],
    ['a shorter wait', { breaker }, { breaker: { ...breaker, openMs: 999 } }],
    ['no body limit', { bodyLimitBytes: 0 }, { bodyLimitBytes: null }],
    ['a higher body limit', { bodyLimitBytes: 0 }, { bodyLimitBytes: 1 }],
    ['no cap on legacy', { concurrency: { legacy: 1, new: 1 } }, { concurrency: { legacy: null, new: 1 } }],
    ['a higher cap on new', { concurrency: { legacy: 1, new: 1 } }, { concurrency: { legacy: 1, new: 2 } }],
    ['a limit that goes', { limits: [limit, byUser] }, { limits: [byUser] }],
    ['a faster limit', { limits: [limit] }, { limits: [{ ...limit, perSecond: 11 }] }],
    ['a larger burst', { limits: [limit] }, { limits: [{ ...limit, burst: 6 }] }],
    ['a limit of one side only', { limits: [limit] }, { limits: [{ ...limit, side: 'new' }] }],
    ['writes that may come twice', {}, { idempotentWrites: true }],
    ['no fallback', { safeFallback: true }, { safeFallback: false }],
    ['fewer statuses read through', { readThrough: [404, 501] }, { readThrough: [404] }],
  ])('is loosened by %s, and not the other way round', (_, before, after) => {
    expect(loosens(before, after)).toBe(true)
    expect(loosens(after, before)).toBe(false)
  })

  it('is loosened by any other window of the breaker', () => {
    const [short, long] = [{ breaker }, { breaker: { ...breaker, windowMs: 20_000 } }]
    expect([loosens(short, long), loosens(long, short)]).toEqual([true, true])
  })

  it('by one key does not stand for one by another', () => {
    const [all, single] = [{ limits: [limit] }, { limits: [byUser] }]
    expect([loosens(all, single), loosens(single, all)]).toEqual([true, true])
  })

  it('may be called something else, or be stricter for more', () => {
    const one = { limits: [{ ...limit, side: 'new' }] } as const
    expect(loosens(one, { limits: [{ ...limit, name: 'renamed', burst: 4 }] })).toBe(false)
  })

  it('of a side without traffic may go', () => {
    const caps = { concurrency: { legacy: 1, new: 1 }, limits: [{ ...limit, side: 'new' } as const] }
    const onLegacy = sides('legacy')
    expect(loosens(caps, { concurrency: { legacy: 1, new: null } }, onLegacy)).toBe(false)
    expect(loosens({ safeFallback: true, readThrough: [404] }, {}, onLegacy)).toBe(false)
    expect(loosens({ breaker }, { breaker: null }, sides())).toBe(false)
  })

  it('is not loosened by what changes nothing, nor where there was none', () => {
    fc.assert(
      fc.property(policies, (policy) => {
        expect(isLoosened(policy, policy, both)).toBe(false)
        const bare = aPolicy({ breaker: null, idempotentWrites: true })
        expect(isLoosened(bare, policy, both)).toBe(false)
      }),
    )
  })

  it('is not loosened step by step without a step that loosens', () => {
    fc.assert(
      fc.property(policies, policies, policies, fc.subarray<Side>(['legacy', 'new']), (a, b, c, traffic) => {
        const has = sides(...traffic)
        const steps = isLoosened(a, b, has) || isLoosened(b, c, has)
        expect(!steps && isLoosened(a, c, has)).toBe(false)
      }),
    )
  })
})
