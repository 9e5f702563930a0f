import { describe, expect, it } from 'vitest'
import * as fc from 'fast-check'
import { KeyedBuckets, TokenBucket } from './token-bucket.ts'

describe('a token bucket', () => {
  it('lets a burst through, then says how long to wait', () => {
    const bucket = new TokenBucket(10, 3)
    expect([bucket.take(0), bucket.take(0), bucket.take(0), bucket.take(0)]).toEqual([0, 0, 0, 100])
    expect(bucket.take(60)).toBe(40)
    expect(bucket.take(100)).toBe(0)
  })

  it('never holds more than its burst', () => {
    const bucket = new TokenBucket(10, 2)
    bucket.take(0)
    expect([bucket.take(60_000), bucket.take(60_000), bucket.take(60_000)]).toEqual([0, 0, 100])
    expect(bucket.isFull(60_000)).toBe(false)
    expect(bucket.isFull(61_000)).toBe(true)
  })

  it('does not run backwards with the clock', () => {
    const bucket = new TokenBucket(1, 1)
    bucket.take(10_000)
    expect(bucket.take(0)).toBe(1_000)
  })

  it('never lets more through than burst plus rate times time', () => {
    fc.assert(
      fc.property(
        fc.integer({ min: 1, max: 50 }),
        fc.integer({ min: 1, max: 20 }),
        fc.array(fc.nat({ max: 400 }), { maxLength: 200 }),
        (perSecond, burst, steps) => {
          const bucket = new TokenBucket(perSecond, burst)
          let now = 0
          let through = 0
          for (const step of steps) {
            now += step
            if (bucket.take(now) === 0) through += 1
          }
          expect(through).toBeLessThanOrEqual(burst + (perSecond * now) / 1000 + 1e-6)
        },
      ),
    )
  })
})

describe('keyed buckets', () => {
  it('limit each key by itself', () => {
    const buckets = new KeyedBuckets(() => new TokenBucket(1, 1))
    expect([buckets.take('a', 0), buckets.take('b', 0), buckets.take('a', 0)]).toEqual([0, 0, 1_000])
  })

  it('forget what was not used for longest instead of growing', () => {
    const buckets = new KeyedBuckets(() => new TokenBucket(1, 1), 2)
    for (const key of ['a', 'b', 'a', 'c']) buckets.take(key, 0)
    expect(buckets.size).toBe(2)
    expect(buckets.take('a', 0)).toBe(1_000)
    expect(buckets.take('b', 0)).toBe(0)
  })
})
