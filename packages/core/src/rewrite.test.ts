import { aMapping, aMatch, aRewrite, aSnapshot, aTarget } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { factsOf } from './facts.ts'
import type { PathPattern, PathRewrite, Rewrite } from './model.ts'
import { AmbiguousRewrite, changesTarget, rewriteTarget } from './rewrite.ts'
import { compileSnapshot } from './routing-table.ts'

/** What is sent for a target that a mapping with this match and rewrite matches. */
function sent(path: PathPattern, rewrite: Partial<Rewrite>, target: string): string {
  const mapping = aMapping({ match: aMatch(path), new: aTarget({ rewrite: aRewrite(rewrite) }) })
  const table = compileSnapshot(aSnapshot({ mappings: [mapping], services: services() }))
  const facts = factsOf({ method: 'GET', host: 'h', target })
  const decision = decide(table, facts)
  if (decision.kind !== 'mapped') return 'not mapped'
  const { params } = decision
  return rewriteTarget(mapping.new, {
    match: mapping.match,
    params,
    path: facts.receivedPath,
    query: facts.query,
  })
}

const services = () => aSnapshot().services
const template = (text: string): PathPattern => ({ kind: 'template', template: text })
const prefix = (path: string): PathPattern => ({ kind: 'prefix', path })
const regex = (pattern: string): PathPattern => ({ kind: 'regex', pattern, position: 0 })
const to = (text: string): { path: PathRewrite } => ({ path: { kind: 'template', template: text } })
const swap = (text: string): { path: PathRewrite } => ({ path: { kind: 'prefix', to: text } })

describe('the path sent', () => {
  it.each([
    ['without a rewrite, as received', prefix('/'), {}, '//a/%61/%2f?x=%20', '//a/%61/%2f?x=%20'],
    [
      'template parameters',
      template('/v2/author/:id'),
      to('/v3/authors/:id'),
      '/v2/author/7',
      '/v3/authors/7',
    ],
    ['still encoded', template('/v2/:a/:b'), to('/:b/:a'), '/v2/x%2fy/%7e%c3%A9', '/%7e%c3%A9/x%2fy'],
    ['within a segment', template('/b/:id'), to('/book-:id.json'), '/b/7', '/book-7.json'],
    ['with a literal colon', template('/b/:id'), to('/books/:id::read'), '/b/7', '/books/7:read'],
    ['with the rest', template('/f/*rest'), to('/files/*rest'), '/f/a//b%41', '/files/a//b%41'],
    ['with an empty rest', template('/f/*rest'), to('/files/*rest'), '/f/', '/files/'],
    [
      'named groups',
      regex('^/v2/author/(?<author>\\d+)$'),
      to('/v3/authors/:author'),
      '/v2/author/42',
      '/v3/authors/42',
    ],
    ['numbered groups', regex('^/(\\w+)/(\\w+)$'), to('/:2/:1'), '/a/b', '/b/a'],
    ['a group that took no part', regex('^/a(/b)?$'), to('/x:1'), '/a', '/x'],
    ['prefix', prefix('/cart'), swap('/basket'), '/cart/7', '/basket/7'],
    [
      'text of people as the bytes of its UTF-8, escaped',
      template('/b/:id'),
      to('/büch€r/:id'),
      '/b/%41',
      '/b%C3%BCch%E2%82%ACr/%41',
    ],
    ['a prefix alike', prefix('/cart'), swap('/körbe'), '/cart/7', '/k%C3%B6rbe/7'],
    ['prefix alone', prefix('/cart'), swap('/basket'), '/cart', '/basket'],
    ['prefix with a trailing slash', prefix('/cart'), swap('/basket'), '/cart/', '/basket/'],
    [
      'prefix, remainder as received',
      prefix('/cart'),
      swap('/basket'),
      '//c%61rt//%61%2fb',
      '/basket//%61%2fb',
    ],
    ['prefix away', prefix('/cart'), swap('/'), '/cart/7', '/7'],
    ['prefix away, nothing left', prefix('/cart'), swap('/'), '/cart', '/'],
    ['prefix before everything', prefix('/'), swap('/api'), '/x', '/api/x'],
    ['prefix of two segments', prefix('/a/b'), swap('/c/'), '/a//b/x', '/c/x'],
    ['the query kept', template('/a/:id'), to('/b/:id'), '/a/1?x=1&x=2&y', '/b/1?x=1&x=2&y'],
  ])('%s', (_, path, rewrite, target, expected) => {
    expect(sent(path, rewrite, target)).toBe(expected)
  })

  it('is never one that can be read two ways', () => {
    expect(() => sent(regex('^/f/([^a-z]+)'), to('/x/:1/secret'), '/f/..a')).toThrow(AmbiguousRewrite)
    expect(() => sent(regex('^/f/(.)'), to('/x/.:1/secret'), '/f/.a')).toThrow(AmbiguousRewrite)
  })
})

describe('the query sent', () => {
  it.each([
    ['drops every value of a name', { set: {}, drop: ['b'] }, 'a=1&b=2&c&b=3&b', 'a=1&c'],
    ['drops a name in another spelling', { set: {}, drop: ['a b'] }, 'a+b=1&a%20b=2&c=3', 'c=3'],
    ['drops the last one with its mark', { set: {}, drop: ['a'] }, 'a=1', ''],
    ['replaces', { set: { a: 'x y&z' }, drop: [] }, 'a=1&b=%20+&a=2', 'b=%20+&a=x%20y%26z'],
    ['adds to nothing', { set: { v: '3' }, drop: [] }, '', 'v=3'],
    ['keeps what it cannot read', { set: {}, drop: ['a'] }, '%zz=1&&=2', '%zz=1&&=2'],
  ])('%s', (_, query, received, expected) => {
    const target = received === '' ? '/a' : `/a?${received}`
    expect(sent(prefix('/'), { query }, target)).toBe(expected === '' ? '/a' : `/a?${expected}`)
  })
})

describe('a rewrite', () => {
  it('changes nothing unless it says so', () => {
    expect(changesTarget(aRewrite())).toBe(false)
    expect(changesTarget(aRewrite({ headers: { set: { a: 'b' }, drop: [] } }))).toBe(false)
    expect(changesTarget(aRewrite({ query: { set: {}, drop: ['a'] } }))).toBe(true)
    expect(changesTarget(aRewrite(to('/x')))).toBe(true)
  })
})
