import { matches, requests } from '@crossfade/testkit/arbitraries'
import { aMatch } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { compileMatch, fits } from './match.ts'
import type { Match, PathPattern } from './model.ts'
import { mayMeet, overlaps } from './overlap.ts'

const exact = (path: string): PathPattern => ({ kind: 'exact', path })
const prefix = (path: string): PathPattern => ({ kind: 'prefix', path })
const template = (text: string): PathPattern => ({ kind: 'template', template: text })
const regex = (pattern: string): PathPattern => ({ kind: 'regex', pattern, position: 0 })

describe('two matches', () => {
  it.each<[a: PathPattern, b: PathPattern, meet: boolean]>([
    [exact('/a'), exact('/a'), true],
    [exact('/a'), exact('/b'), false],
    [exact('/a/b'), prefix('/a'), true],
    [exact('/a/b'), template('/a/:x'), true],
    [exact('/a/b'), regex('^/a/'), true],
    [exact('/a/b'), regex('^/b'), false],
    [prefix('/a'), prefix('/a/b'), true],
    [prefix('/a'), prefix('/ab'), false],
    [prefix('/'), template('/x/:y'), true],
    [prefix('/a/b/c'), template('/a/:x'), false],
    [prefix('/a/b'), template('/a/:x'), true],
    [template('/a/:x'), template('/:y/b'), true],
    [template('/a/:x'), template('/a/:x/:y'), false],
    [template('/a/:x'), template('/a/*rest'), true],
    [template('/a/:x'), template('/a/:y/*rest'), false],
    [template('/a/:x/'), template('/a/:y/*rest'), true],
    [template('/a/'), template('/a/:x'), false],
    [prefix('/a/b'), template('/a/b/*rest'), true],
    [regex('^/v2/books/\\d+$'), template('/v2/books/:id'), true],
    [regex('^/v2/books/\\d+$'), template('/v2/authors/:id'), false],
    [regex('^/v2/books/\\d+$'), template('/:version/authors/:id'), true],
    [regex('books'), prefix('/v2'), true],
    [regex('^/a'), regex('^/b'), false],
  ])('%o and %o: %s', (a, b, meet) => {
    expect(mayMeet(compileMatch(aMatch(a)), compileMatch(aMatch(b)))).toBe(meet)
    expect(mayMeet(compileMatch(aMatch(b)), compileMatch(aMatch(a)))).toBe(meet)
  })

  it.each<[a: Partial<Match>, b: Partial<Match>, meet: boolean]>([
    [{ methods: ['GET'] }, { methods: ['POST'] }, false],
    [{ methods: ['GET', 'POST'] }, { methods: ['POST'] }, true],
    [{ methods: [] }, { methods: ['POST'] }, true],
    [{ host: 'a.example.com' }, { host: 'b.example.com' }, false],
    [{ host: 'a.example.com' }, { host: '*.example.com' }, true],
    [{ host: 'example.com' }, { host: '*.example.com' }, false],
    [{ host: '*.example.com' }, { host: '*.eu.example.com' }, true],
    [{ host: '*.example.com' }, { host: '*.example.org' }, false],
    [{ host: null }, { host: 'a.example.com' }, true],
  ])('%o and %o: %s', (a, b, meet) => {
    expect(mayMeet(compileMatch(aMatch('/a', a)), compileMatch(aMatch('/a', b)))).toBe(meet)
    expect(mayMeet(compileMatch(aMatch('/a', b)), compileMatch(aMatch('/a', a)))).toBe(meet)
  })

  it('that fit the same request are never said not to meet', () => {
    fc.assert(
      fc.property(matches, matches, requests, (a, b, facts) => {
        const [one, other] = [compileMatch(a), compileMatch(b)]
        const both = fits(one, facts) && fits(other, facts)
        expect(both && !mayMeet(one, other)).toBe(false)
      }),
      { numRuns: 2_000 },
    )
  })
})

describe('overlaps', () => {
  const others = [
    { id: 'all', match: aMatch(prefix('/v2')) },
    { id: 'one', match: aMatch('/v2/books/7') },
    { id: 'same', match: aMatch(template('/v2/books/:nr'), { methods: ['PUT'] }) },
    { id: 'else', match: aMatch('/v3') },
  ]

  it('name the other mappings and who wins', () => {
    const found = overlaps(aMatch(template('/v2/books/:id')), others)
    expect(found.map(({ other, winner, sameMatch }) => [other.id, winner, sameMatch])).toEqual([
      ['all', 'this', false],
      ['one', 'other', false],
      ['same', 'other', true],
    ])
  })

  it('leave out the mapping itself', () => {
    expect(overlaps(aMatch('/v3'), others, 'else')).toEqual([])
  })
})
