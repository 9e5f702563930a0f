import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { alignment, canonical, readTarget, type Ambiguity } from './canonical-path.ts'

const keep = { encodedSlash: 'keep' } as const

describe('a path with one reading', () => {
  it.each([
    ['/', '/'],
    ['/v2/books', '/v2/books'],
    ['/v2/books/', '/v2/books/'],
    ['//v2///books', '/v2/books'],
    ['/v2/books//', '/v2/books/'],
    ['/%76%32/b%6fok%73', '/v2/books'],
    ['/a%2fb', '/a%2Fb'],
    ['/a%2Fb', '/a%2Fb'],
    ['/a%20b', '/a%20b'],
    ['/caf%c3%a9', '/caf%C3%A9'],
    ['/caf\u00c3\u00a9', '/caf%C3%A9'],
    ['/caf%E9', '/caf%E9'],
    ['/%7Euser', '/~user'],
    ['/%40me;v=1', '/@me;v=1'],
    ['/a%3Bb', '/a;b'],
    ['/a|b', '/a%7Cb'],
    ['/a[0]', '/a%5B0%5D'],
    ['/100%25', '/100%25'],
    ['/%252e%252e/x', '/%252e%252e/x'],
    ['/.well-known/x', '/.well-known/x'],
    ['/...', '/...'],
    ['/a..b/.c', '/a..b/.c'],
    ['/a;..', '/a;..'],
  ])('%s is read as %s', (target, path) => {
    expect(readTarget(target, keep)).toEqual({ kind: 'clear', path, received: target, query: '' })
  })

  it('keeps the query as received and out of the reading', () => {
    expect(readTarget('/a?x=/../%zz#?y', keep)).toEqual({
      kind: 'clear',
      path: '/a',
      received: '/a',
      query: 'x=/../%zz#?y',
    })
  })
})

describe('a path that can be read two ways', () => {
  it.each<[target: string, why: Ambiguity]>([
    ['/a/../b', 'dot-segment'],
    ['/a/.', 'dot-segment'],
    ['/..', 'dot-segment'],
    ['/a/%2e%2E/b', 'dot-segment'],
    ['/a/.%2e', 'dot-segment'],
    ['/x/..%2fadmin', 'dot-segment'],
    ['/x%2f..', 'dot-segment'],
    ['/x%2F%2e%2e%2Fy', 'dot-segment'],
    ['/x/..;/admin', 'dot-segment'],
    ['/x/..;a=b/admin', 'dot-segment'],
    ['/x/.;/admin', 'dot-segment'],
    ['/x/..%3b/admin', 'dot-segment'],
    ['/a\\b', 'backslash'],
    ['/a%5cb', 'backslash'],
    ['/a%5C..', 'backslash'],
    ['/a\u0001b', 'control'],
    ['/a\u007f', 'control'],
    ['/a b', 'control'],
    ['/a%00', 'control'],
    ['/a%0d%0ab', 'control'],
    ['/a%7F', 'control'],
    ['/a%', 'bad-escape'],
    ['/a%2', 'bad-escape'],
    ['/a%zz', 'bad-escape'],
    ['/a%c0%af', 'bad-escape'],
    ['/%C0%AE%C0%AE/x', 'bad-escape'],
    ['/%e0%80%af', 'bad-escape'],
    ['/a#b', 'fragment'],
  ])('%s because of a %s', (target, why) => {
    expect(readTarget(`${target}?q`, keep)).toEqual({
      kind: 'ambiguous',
      why,
      path: target,
      received: target,
      query: 'q',
    })
  })

  it('is one with an encoded slash only where the environment says so', () => {
    expect(readTarget('/a%2fb', { encodedSlash: 'refuse' })).toMatchObject({ why: 'encoded-slash' })
    expect(readTarget('/a%2fb', keep).kind).toBe('clear')
  })
})

describe('the canonical path', () => {
  const parts = fc.constantFrom(
    '/',
    '//',
    'a',
    'B',
    '~',
    '.',
    '%61',
    '%2f',
    '%2F',
    '%25',
    '%c3%A9',
    '\u00e9',
    '|',
  )
  const targets = fc.array(parts).map((list) => `/${list.join('')}`)

  it('is its own canonical path', () => {
    fc.assert(
      fc.property(targets, (target) => {
        const once = canonical(target)
        expect(canonical(once)).toBe(once)
      }),
    )
  })

  it('can be traced back to the received one, character by character', () => {
    fc.assert(
      fc.property(targets, fc.nat(), fc.nat(), (target, a, b) => {
        const path = canonical(target)
        const starts = alignment(target)
        expect(starts).toHaveLength(path.length + 1)
        const [from = 0, to = 0] = [a % (path.length + 1), b % (path.length + 1)].toSorted((x, y) => x - y)
        const isWhole = !insideEscape(path, from, to)
        const cut = target.slice(starts[from], starts[to])
        expect(isWhole ? canonical(cut) : '').toBe(isWhole ? canonical(path.slice(from, to)) : '')
      }),
    )
  })

  it('does not depend on how unreserved characters are spelled', () => {
    const text = fc.string({ unit: fc.constantFrom('a', 'Z', '0', '-', '.', '_', '~', '@', ':') })
    fc.assert(
      fc.property(text, (segment) => {
        const encoded = segment.replace(/./g, (char) => `%${char.charCodeAt(0).toString(16)}`)
        expect(readTarget(`/x${encoded}`, keep)).toMatchObject({ kind: 'clear', path: `/x${segment}` })
      }),
    )
  })
})

/** Whether an end of the span lies in the middle of an escape, where no capture can begin or end. */
function insideEscape(path: string, from: number, to: number): boolean {
  return [...path.matchAll(/%../g)].some(({ index }) => [from, to].some((at) => at > index && at < index + 3))
}
