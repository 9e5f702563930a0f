import { aMapping, aMatch, aSnapshot } from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import type { Mapping, PathPattern } from './model.ts'
import { literalPrefixOf } from './regex.ts'
import { compileSnapshot } from './routing-table.ts'

describe('the router', () => {
  it('finds each of ten thousand mappings of every kind', { timeout: 60_000 }, () => {
    const pattern = (i: number): [PathPattern, target: string] => {
      const base = `/team${i % 97}/service${i}`
      switch (i % 4) {
        case 0:
          return [{ kind: 'exact', path: `${base}/ping` }, `${base}/ping`]
        case 1:
          return [{ kind: 'prefix', path: base }, `${base}/a/b`]
        case 2:
          return [{ kind: 'template', template: `${base}/:id/orders` }, `${base}/7/orders`]
        default:
          return [{ kind: 'regex', pattern: `^${base}/(\\d+)$`, position: i }, `${base}/42`]
      }
    }
    const mappings: Mapping[] = Array.from({ length: 10_000 }, (_, i) =>
      aMapping({ id: `m${i}`, match: aMatch(pattern(i)[0]) }),
    )
    const { router } = compileSnapshot(aSnapshot({ mappings }))
    for (let i = 0; i < 10_000; i += 7) expect(router.find('h', pattern(i)[1], 'GET')?.id).toBe(`m${i}`)
    expect(router.find('h', '/team1/service1x', 'GET')).toBeNull()
  })

  it('does not mistake a path for a property of an object', () => {
    const { router } = compileSnapshot(aSnapshot())
    for (const path of ['/__proto__', '/constructor', '/toString/valueOf']) {
      expect(router.find('constructor', path, 'GET')).toBeNull()
    }
  })

  it('does not lose a regex by the text it seems to begin with', () => {
    const finds = (pattern: string, path: string) => {
      const match = aMatch({ kind: 'regex', pattern, position: 0 })
      const { router } = compileSnapshot(aSnapshot({ mappings: [aMapping({ match })] }))
      return router.find('h', path, 'GET') !== null
    }
    expect(finds('^/a/b*', '/a/')).toBe(true)
    expect(finds('^/a/?$', '/a')).toBe(true)
    expect(finds('^/a/b{0}c', '/a/c')).toBe(true)
    expect(finds('^/a/x|/b', '/b')).toBe(true)
    expect(finds('^/a/(x|y)/z$', '/a/y/z')).toBe(true)
    expect(finds('^/a/[|]', '/a/%7C')).toBe(false)
    expect(finds('^/a/[b|]c', '/a/bc')).toBe(true)
    expect(finds('^/a\\.b/\\d', '/a.b/7')).toBe(true)
    expect(finds('^\\Q/a.b\\E/', '/a.b/7')).toBe(true)
    expect(finds('(?i)^/AB/c', '/ab/C')).toBe(true)
    expect(finds('^', '/anything')).toBe(true)
  })
})

describe('the literal beginning of a regex', () => {
  it.each([
    ['^/v2/books/(\\d+)$', '/v2/books/'],
    ['^/v2/content_api/book.get', '/v2/content_api/book'],
    ['^/v2\\.1/x', '/v2.1/x'],
    ['^/ab?', '/a'],
    ['^/ab{2}', '/a'],
    ['^/a|^/b', ''],
    ['^(/a|/b)', ''],
    ['/a', ''],
    ['^/a[|]b', '/a'],
    ['^/a[]|]b', '/a'],
    ['^/a\\d', '/a'],
  ])('%s is %j', (pattern, beginning) => {
    expect(literalPrefixOf(pattern)).toBe(beginning)
  })
})
