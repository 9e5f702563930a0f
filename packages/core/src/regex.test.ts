import { describe, expect, it } from 'vitest'
import { compileRegex, problemOfRegex } from './regex.ts'

/** The core knows no clock; its tests run where there is one. */
declare const performance: { now(): number }

/** Patterns on which engines that try again take exponential or polynomial time, and what to feed them. */
const evil: readonly (readonly [pattern: string, unit: string, end: string])[] = [
  ['(a+)+$', 'a', '!'],
  ['^(a|a)*$', 'a', '!'],
  ['^(a|aa)+$', 'a', '!'],
  ['^/([^/]+)*/x$', 'a', ''],
  ['^(([a-z])+.)+[A-Z]([a-z])+$', 'a', ''],
  ['(.*a){12}', 'a', '!'],
  ['^(.*)*$', 'a', '\n'],
  ['(x+x+)+y', 'x', ''],
  ['^(\\w+\\s?)*$', 'a ', '!'],
  ['(a*)*b', 'a', ''],
  ['(?:a?){40}a{40}', 'a', '!'],
  ['^(?:.*,){11}P', '1,', ''],
  ['\\s+$', ' ', 'x'],
  ['(?i)(a|A)*(a|A)*(a|A)*z', 'aA', '!'],
]

describe('RX-01: a pattern of a person', () => {
  it.each([
    ['(?=a)b', /Look-around/],
    ['(?!a)b', /Look-around/],
    ['(?<=a)b', /Look-around/],
    ['(?<!a)b', /Look-around/],
    ['(a)\\1', /back-reference/],
    ['(?P<x>a)\\k<x>', /back-reference/],
    ['(?>a+)b', /atomic group/],
    ['a++', /RE2 syntax/],
    ['(?R)', /RE2 syntax/],
    ['(?(1)a|b)', /RE2 syntax/],
    ['(', /RE2 syntax/],
    ['[z-a]', /RE2 syntax/],
    ['a{2000}', /RE2 syntax/],
    ['(((a{100}){100}){100})', /RE2 syntax|too large/],
    ['((((((((x{9}){9}){9}){9}){9}){9}){9}){9})', /RE2 syntax|too large/],
    ['(a{35}){30}', /RE2 syntax|too large/],
    ['[\\p{L}\\p{N}]{600}\\d{600}', /too large/],
    ['a'.repeat(513), /512/],
    ['(?P<__proto__>a)', /__proto__/],
  ])('%s is refused with the reason', (pattern, reason) => {
    expect(problemOfRegex(pattern)).toMatch(reason)
  })

  it('is refused in an instant, however large it would become', () => {
    const nested = Array.from({ length: 60 }).reduce((inner: string) => `(${inner}{2})`, 'x')
    expect(problemOfRegex(nested)).toMatch(/RE2 syntax|too large|512/)
    expect(problemOfRegex('('.repeat(512))).toMatch(/RE2 syntax/)
    expect(problemOfRegex(`${'('.repeat(250)}a${')'.repeat(250)}`)).toBeNull()
  })

  it.each(evil)('%s is matched in a time that grows with the path, no faster', (pattern, unit, end) => {
    expect(problemOfRegex(pattern)).toBeNull()
    const regex = compileRegex(pattern)
    const least = (units: number) => {
      const path = `/${unit.repeat(units)}${end}`
      const once = () => {
        const started = performance.now()
        regex.test(path)
        regex.capture(path)
        return performance.now() - started
      }
      return Math.min(...Array.from({ length: 4 }, once))
    }
    // Ten times the path: linear is 10, quadratic 100; the constant forgives other work on the machine.
    expect(least(20_000)).toBeLessThan(40 * least(2_000) + 100)
  })
})
