import { aMapping, aMatch, anEnvironment, aService, aSnapshot } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { exact, get, prefix, regex, template, type Decide } from './cases-kit.ts'
import type { PathPattern } from './model.ts'

/** Which requests a match is about (rules 1, 3 and 4). */
export function matchingCases(decide: Decide): void {
  describe('matching', () => {
    it.each<[pattern: PathPattern, path: string, fits: boolean]>([
      [exact('/cart'), '/cart', true],
      [exact('/cart'), '/cart/', false],
      [exact('/cart'), '/Cart', false],
      [exact('/cart'), '//cart', true],
      [exact('/cart'), '/c%61rt', true],
      [exact('/caf\u00e9'), '/caf%c3%a9', true],
      [exact('/caf%C3%A9'), '/caf\u00c3\u00a9', true],
      [exact('/a@b'), '/a%40b', true],
      [exact('/a/b'), '/a%2Fb', false],
      [exact('/a%2fb'), '/a%2Fb', true],
      [prefix('/cart'), '/cart', true],
      [prefix('/cart'), '/cart/', true],
      [prefix('/cart'), '/cart/7', true],
      [prefix('/cart'), '/cartography', false],
      [prefix('/cart'), '/cart%2F7', false],
      [prefix('/cart/'), '/cart', true],
      [prefix('/cart'), '/a/cart', false],
      [prefix('/'), '/', true],
      [prefix('/'), '/anything/else', true],
      [template('/v2/books/:id'), '/v2/books/7', true],
      [template('/v2/books/:id'), '/v2/books/', false],
      [template('/v2/books/:id'), '/v2/books', false],
      [template('/v2/books/:id'), '/v2/books/7/', false],
      [template('/v2/books/:id'), '/v2/books/a%2Fb', true],
      [template('/v2/books/:id/'), '/v2/books/7/', true],
      [template('/files/*rest'), '/files/a/b', true],
      [template('/files/*rest'), '/files/', true],
      [template('/files/*rest'), '/files', false],
      [template('/:tenant/files/*rest'), '/acme/files/x', true],
      [template('/'), '/', true],
      [regex('^/author/\\d+$'), '/author/42', true],
      [regex('^/author/\\d+$'), '/author/42/books', false],
      [regex('author'), '/v2/author/1', true],
      [regex('(?i)^/AUTHOR$'), '/author', true],
      [regex('^/x|^/y'), '/y', true],
      [regex('^/caf%C3%A9$'), '/caf%c3%a9', true],
    ])('%o against %s: %s', (path, target, fits) => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch(path) })] })
      expect(decide(snapshot, get(target)).kind).toBe(fits ? 'mapped' : 'default')
    })

    it.each<[pattern: string | null, host: string, fits: boolean]>([
      [null, 'anything.test', true],
      ['api.example.com', 'API.Example.com:8080', true],
      ['api.example.com', 'www.example.com', false],
      ['*.example.com', 'www.example.com', true],
      ['*.example.com', 'a.b.example.com', true],
      ['*.example.com', 'example.com', false],
      ['*.example.com', 'badexample.com', false],
      ['[::1]', '[::1]:8080', true],
    ])('host %s against %s: %s', (pattern, host, fits) => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch('/a', { host: pattern }) })] })
      expect(decide(snapshot, get('/a', { host })).kind).toBe(fits ? 'mapped' : 'default')
    })

    it('takes parameters in received, still encoded form', () => {
      const snapshot = aSnapshot({ mappings: [aMapping({ match: aMatch(template('/:shelf/:id/*rest')) })] })
      expect(decide(snapshot, get('//caf%c3%a9//%61%2fb///x%41//y?q=1'))).toMatchObject({
        params: { shelf: 'caf%c3%a9', id: '%61%2fb', rest: 'x%41//y' },
      })
    })

    it('names regex groups by name and by number', () => {
      const match = aMatch(regex('^/author/(?<author>[^/]+)(/books)?$'))
      const snapshot = aSnapshot({ mappings: [aMapping({ match })] })
      expect(decide(snapshot, get('/author/%7eann'))).toMatchObject({
        params: { '1': '%7eann', author: '%7eann', '2': '' },
      })
    })
  })

  describe('what nothing matches', () => {
    const environment = anEnvironment({
      defaults: [
        { host: null, serviceId: 'legacy-books' },
        { host: '*.example.com', serviceId: 'wide' },
        { host: '*.eu.example.com', serviceId: 'wider' },
        { host: 'api.example.com', serviceId: 'exact' },
      ],
    })
    const services = ['legacy-books', 'new-books', 'wide', 'wider', 'exact'].map((id) => aService({ id }))

    it.each([
      ['api.example.com', 'exact'],
      ['www.example.com', 'wide'],
      ['x.eu.example.com', 'wider'],
      ['other.test', 'legacy-books'],
    ])('goes for %s to %s', (host, serviceId) => {
      const decision = decide(aSnapshot({ environment, services }), get('/nothing', { host }))
      expect(decision).toEqual({ kind: 'default', revision: 1, serviceId })
    })

    it('has no answer without a default service', () => {
      const snapshot = aSnapshot({ environment: anEnvironment({ defaults: [] }) })
      expect(decide(snapshot, get('/nothing'))).toEqual({ kind: 'no-default-service', revision: 1 })
    })
  })
}
