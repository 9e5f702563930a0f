import { array, assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { pathSampleSchema } from '@crossfade/contracts/stats'
import { aMapping, aMatch, anEnvironment } from '@crossfade/testkit/builders'
import type { NoRoute } from '../proxy/route-request.ts'
import { anOutcome } from '../stats/an-outcome.ts'
import { aSeen } from '../traffic-log/a-logged-request.ts'
import { createClientKinds } from './client-kinds.ts'
import { createHeavyHitters } from './heavy-hitters.ts'
import { createTopPaths } from './top-paths.ts'

const refused: NoRoute = {
  kind: 'no-route',
  label: { mappingId: null, side: 'legacy', via: 'default' },
  code: 'ambiguous_path',
  why: 'dot-segment',
}

describe('the commonest of a stream', () => {
  it('finds whatever comes more often than one in the number of slots, and never says too much', () => {
    assert(
      property(array(integer({ min: 0, max: 40 }), { maxLength: 400 }), (stream) => {
        const hitters = createHeavyHitters<number>(10)
        const truth = new Map<number, number>()
        for (const value of stream) {
          hitters.add(String(value), false, () => value)
          truth.set(value, (truth.get(value) ?? 0) + 1)
        }
        const hits = new Map(hitters.take().map(({ value, count }) => [value, count]))
        expect(hits.size).toBeLessThanOrEqual(10)
        for (const [value, count] of hits) expect(count).toBeLessThanOrEqual(truth.get(value) ?? 0)
        const frequent = [...truth].filter(([, count]) => count > stream.length / 10)
        expect(frequent.filter(([value]) => !hits.has(value))).toEqual([])
        expect(hitters.take()).toEqual([])
      }),
    )
  })
})

describe('the busiest paths', () => {
  it('are those of unmapped traffic and of the inside of prefix and regex mappings', () => {
    const top = createTopPaths()
    const prefix = aMapping({ id: 'shop', match: aMatch({ kind: 'prefix', path: '/shop' }) })
    const unmapped = (target: string, status = 200) =>
      top.record(anOutcome({ mappingId: null, status }), aSeen({ mapping: null, target }))
    unmapped('/v2/books/1')
    unmapped('/v2/books/2?q=secret', 500)
    top.record(anOutcome({ mappingId: 'shop' }), aSeen({ mapping: prefix, target: '/shop/cart/9' }))
    top.record(anOutcome(), aSeen({ mapping: aMapping(), target: '/v2/books' }))
    expect(top.take()).toEqual([
      {
        mappingId: null,
        kind: 'served',
        method: 'GET',
        path: '/v2/books/:id',
        sample: null,
        requests: 2,
        errors: 1,
      },
      {
        mappingId: 'shop',
        kind: 'served',
        method: 'GET',
        path: '/shop/cart/:id',
        sample: null,
        requests: 1,
        errors: 0,
      },
    ])
    expect(top.take()).toEqual([])
  })

  it('list what was refused as ambiguous by reason, with a sample that cannot harm a screen', () => {
    const top = createTopPaths()
    const target = '/a/../b\u001b[2J?token=secret'
    top.record(anOutcome({ mappingId: null, status: 400 }), { ...aSeen({ target: '/a' }), ...head(target) })
    const [sample] = top.take()
    expect(pathSampleSchema.parse(sample)).toMatchObject({
      kind: 'refused',
      path: 'dot-segment',
      sample: '/a/../b\\x1b[2J',
      requests: 1,
    })
  })

  it('stay few and fit the contract, whatever clients ask for', () => {
    const top = createTopPaths()
    for (let i = 0; i < 1000; i++) {
      const target = `/${'abcdefghij'[i % 10]}${'qrstuvwxyz'[Math.floor(i / 10) % 10]}${'klmnop'[i % 6]}/${'x'.repeat(i)}`
      top.record(anOutcome({ mappingId: null }), aSeen({ mapping: null, method: `M${i}`, target }))
      top.record(anOutcome({ mappingId: null }), aSeen({ mapping: null, target: '/caf\u00e9\u0001\u0080' }))
    }
    const samples = top.take()
    expect(samples.length).toBeLessThanOrEqual(220)
    for (const sample of samples) expect(pathSampleSchema.safeParse(sample).success).toBe(true)
  })

  function head(target: string) {
    const seen = aSeen({ target: '/a' })
    return { head: { ...seen.head, target }, route: refused }
  }
})

describe('kinds of clients', () => {
  const environment = anEnvironment({
    clientDimension: {
      header: 'user-agent',
      values: [
        { label: 'iOS app', contains: 'BooksiOS' },
        { label: 'browsers', contains: 'Mozilla' },
      ],
    },
  })
  const seenOf = (agent: string | null) =>
    aSeen({ environment, headers: agent === null ? [] : ['User-Agent', agent] })

  it('are counted by mapping, side and the first value the header contains; the rest is other', () => {
    const kinds = createClientKinds()
    const split = { mappingId: 'books', side: 'new', via: 'split' } as const
    kinds.record(anOutcome({ ...split }), seenOf('BooksiOS/3 Mozilla'))
    kinds.record(anOutcome({ ...split, status: 503 }), seenOf('BooksiOS/4'))
    kinds.record(anOutcome({ ...split }), seenOf(null))
    kinds.record(anOutcome({ ...split, side: 'legacy' }), seenOf('curl'))
    const counted = kinds
      .take()
      .map(({ side, client, tally }) => [side, client, tally.requests, tally.statuses[4]])
    expect(counted).toEqual([
      ['new', 'iOS app', 2, 1],
      ['new', 'other', 1, 0],
      ['legacy', 'other', 1, 0],
    ])
    expect(kinds.take()).toEqual([])
  })

  it('are not counted without a dimension, for unmapped, or for steered traffic', () => {
    const kinds = createClientKinds()
    kinds.record(anOutcome({ mappingId: 'books', via: 'split' }), aSeen())
    kinds.record(anOutcome({ mappingId: null, via: 'default' }), seenOf('curl'))
    kinds.record(anOutcome({ mappingId: 'books', via: 'steered' }), seenOf('curl'))
    expect(kinds.take()).toEqual([])
  })
})
