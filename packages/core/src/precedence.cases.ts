import { aMapping, aMatch, aSnapshot } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { get, prefix, regex, template, type Decide } from './cases-kit.ts'
import type { Match, RequestFacts } from './model.ts'

/** Which of several mappings wins (rule 2). */
export function precedenceCases(decide: Decide): void {
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
