import { aMatch, aRewrite } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { mapBackHeader, type MapBack } from './map-back.ts'

const context = (overrides: Partial<MapBack> = {}): MapBack => ({
  match: aMatch({ kind: 'prefix', path: '/cart' }),
  rewrite: aRewrite({ path: { kind: 'prefix', to: '/basket/v1' } }),
  serviceOrigins: ['http://10.0.0.8:8080', 'http://baskets.internal'],
  publicOrigin: 'https://shop.example.com',
  receivedPath: '/cart/7',
  forwardedPath: '/basket/v1/7',
  ...overrides,
})
const byTemplate = context({
  match: aMatch({ kind: 'template', template: '/v2/author/:id' }),
  rewrite: aRewrite({ path: { kind: 'template', template: '/v3/authors/:id' } }),
  receivedPath: '/v2/author/7',
  forwardedPath: '/v3/authors/7',
})
const byExact = context({
  match: aMatch('/v2/authors'),
  rewrite: aRewrite({ path: { kind: 'template', template: '/v3/writers' } }),
  receivedPath: '/v2/authors',
  forwardedPath: '/v3/writers',
})
const spelled = context({
  match: aMatch({ kind: 'prefix', path: '/körbe' }),
  rewrite: aRewrite({ path: { kind: 'prefix', to: '/säcke' } }),
})
const stripped = context({ rewrite: aRewrite({ path: { kind: 'prefix', to: '/' } }), forwardedPath: '/7' })
const untouched = context({ rewrite: aRewrite(), forwardedPath: '/cart/7' })

describe('Location', () => {
  it.each<[string, MapBack, string, string]>([
    [
      'own address',
      context(),
      'http://10.0.0.8:8080/basket/v1/9?a=/basket#x',
      'https://shop.example.com/cart/9?a=/basket#x',
    ],
    [
      'own address by the name it was sent',
      context(),
      'http://Baskets.internal:80/x',
      'https://shop.example.com/x',
    ],
    ['own address without path', context(), 'http://10.0.0.8:8080', 'https://shop.example.com'],
    ['own address without scheme', context(), '//10.0.0.8:8080/basket/v1', '//shop.example.com/cart'],
    ['path under the prefix', context(), '/basket/v1/9', '/cart/9'],
    ['the prefix itself', context(), '/basket/v1', '/cart'],
    ['path beside the prefix', context(), '/basket/v12', '/basket/v12'],
    ['relative path', context(), '../9', '../9'],
    [
      'another port of the service',
      context(),
      'http://10.0.0.8:9090/basket/v1',
      'http://10.0.0.8:9090/basket/v1',
    ],
    ['another host', context(), 'https://login.example.com/basket/v1', 'https://login.example.com/basket/v1'],
    ['empty', context(), '', ''],
    ['prefixes beyond ASCII', spelled, '/s%C3%A4cke/9', '/k%C3%B6rbe/9'],
    ['prefix that was stripped', stripped, '/9', '/cart/9'],
    ['without a rewrite', untouched, 'http://baskets.internal/cart/9', 'https://shop.example.com/cart/9'],
    ['template with the same end', byTemplate, '/v3/authors/8', '/v2/author/8'],
    ['elsewhere than the template', byTemplate, '/v3/books/8', '/v3/books/8'],
    ['below an exact path', byExact, '/v3/writers/8', '/v2/authors/8'],
    ['beside an exact path', byExact, '/v3/writers-of-note', '/v3/writers-of-note'],
  ])('%s', (_, exchange, value, expected) => {
    expect(mapBackHeader('location', value, exchange)).toBe(expected)
    expect(mapBackHeader('content-location', value, exchange)).toBe(expected)
  })

  it('stays as it is where the side says so, and other headers always do', () => {
    const off = context({ rewrite: aRewrite({ mapBack: false }) })
    expect(mapBackHeader('location', 'http://10.0.0.8:8080/x', off)).toBe('http://10.0.0.8:8080/x')
    expect(mapBackHeader('link', '</basket/v1/9>; rel=next', context())).toBe('</basket/v1/9>; rel=next')
  })
})

describe('Refresh', () => {
  it.each([
    ['5', '5'],
    ['5; url=/basket/v1/9', '5; url=/cart/9'],
    ['0;URL="http://baskets.internal/basket/v1"', '0;URL="https://shop.example.com/cart"'],
    ["0, url='/basket/v1/9'", "0, url='/cart/9'"],
    ['0; url=https://elsewhere.test/basket/v1', '0; url=https://elsewhere.test/basket/v1'],
  ])('%s becomes %s', (value, expected) => {
    expect(mapBackHeader('refresh', value, context())).toBe(expected)
  })
})

describe('Set-Cookie', () => {
  it.each<[string, MapBack, string, string]>([
    ['plain', context(), 'a=1', 'a=1'],
    ['own domain', context(), 'a=1; Domain=baskets.internal; Secure', 'a=1; Domain=shop.example.com; Secure'],
    ['domain above the service', context(), 'a=1; domain=.internal', 'a=1; domain=shop.example.com'],
    [
      'domain of both',
      context({ serviceOrigins: ['http://b.example.com'] }),
      'a=1; Domain=example.com',
      'a=1; Domain=example.com',
    ],
    ['strange domain', context(), 'a=1; Domain=other.test', 'a=1; Domain=other.test'],
    ['path under the prefix', context(), 'a=1;Path=/basket/v1/;HttpOnly', 'a=1;Path=/cart/;HttpOnly'],
    ['root', context(), 'a=1; Path=/', 'a=1; Path=/'],
    ['root where the prefix was stripped', stripped, 'a=1; Path=/', 'a=1; Path=/cart'],
    ['value that looks like an attribute', context(), 'Path=/basket/v1; Path=/x', 'Path=/basket/v1; Path=/x'],
  ])('%s', (_, exchange, value, expected) => {
    expect(mapBackHeader('set-cookie', value, exchange)).toBe(expected)
  })
})
