import { aMapping, aMatch, aSnapshot, aSplit } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import vectors from '../vectors/bucket.json' with { type: 'json' }
import { bucketOf, murmur3 } from './bucket.ts'
import { bytesOfHex, bytesOfText } from './bytes.ts'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import { compileSnapshot } from './routing-table.ts'

describe('the golden vectors', () => {
  it.each(vectors.murmur3)('hash $bytes with seed $seed to $hash', ({ bytes, seed, hash }) => {
    expect(murmur3(bytesOfHex(bytes), seed)).toBe(hash)
  })

  it.each(vectors.buckets.filter(({ bucket }) => bucket !== null))(
    'put $identity of $cohort into $bucket',
    ({ cohort, identity, bucket }) => {
      expect(bucketOf(cohort, bytesOfHex(identity))).toBe(bucket)
    },
  )

  it.each(vectors.buckets)('are what requests get: $identity of $cohort', ({ cohort, identity, bucket }) => {
    const split = aSplit({ cohort, share: 5_000, identity: { kind: 'header', name: 'x-user' } })
    const table = compileSnapshot(aSnapshot({ mappings: [aMapping({ match: aMatch('/a'), split })] }))
    const headers = [['X-User', bytesOfHex(identity)]] as const
    const decision = decide(table, factsOf({ method: 'GET', host: 'h', target: '/a', headers }))
    expect(decision).toMatchObject({
      reason: bucket === null ? { kind: 'missing-identity' } : { kind: 'bucket', bucket, sticky: true },
    })
  })
})

describe('the hash', () => {
  it('agrees with the buckets other feature flag systems published', () => {
    // Unleash normalises into 1…100 of "group:id".
    expect((murmur3('gr1:123') % 100) + 1).toBe(73)
    expect((murmur3('groupX:999') % 100) + 1).toBe(25)
  })

  it('spreads identities evenly', () => {
    const cells = Array.from({ length: 100 }, () => 0)
    for (let i = 0; i < 200_000; i++) {
      const cell = Math.floor(bucketOf('cohort-0001', `user-${i}`) / 100)
      cells[cell] = (cells[cell] ?? 0) + 1
    }
    const expected = 2_000
    const chiSquare = cells.reduce((sum, n) => sum + (n - expected) ** 2 / expected, 0)
    // 99 degrees of freedom: beyond 149 in one of a thousand cases, and these identities never change.
    expect(chiSquare).toBeLessThan(149)
  })

  it('makes different cohorts independent', () => {
    let both = 0
    for (let i = 0; i < 100_000; i++) {
      if (bucketOf('one-cohort', `u${i}`) < 1_000 && bucketOf('another-one', `u${i}`) < 1_000) both++
    }
    expect(Math.abs(both - 1_000)).toBeLessThan(4 * Math.sqrt(1_000))
  })
})

describe('bytes of text', () => {
  it('are its UTF-8, one character each', () => {
    expect(bytesOfText('plain')).toBe('plain')
    expect(bytesOfText('café')).toBe('caf\u00c3\u00a9')
    expect(bytesOfText('日')).toBe('\u00e6\u0097\u00a5')
    expect(bytesOfText('\ud800')).toBe('\u00ef\u00bf\u00bd')
  })

  it('never leave the range of a byte', () => {
    fc.assert(
      fc.property(fc.string({ unit: 'binary', maxLength: 20 }), (text) => {
        expect(bytesOfText(text)).toMatch(/^[\u0000-\u00ff]*$/)
      }),
    )
  })
})
