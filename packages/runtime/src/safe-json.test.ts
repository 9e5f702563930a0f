import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { parseFrame, parseJson, RefusedJson } from './safe-json.ts'

describe('parsing JSON from outside', () => {
  it.each([
    ['plainly', '{"a":{"__proto__":{"admin":true}}}'],
    ['with an escape', String.raw`{"a":{"\u005f_proto__":{"admin":true}}}`],
    ['through the constructor', '[{"constructor":{"prototype":{"admin":true}}}]'],
    ['through an escaped constructor', String.raw`{"c\u006fnstructor":{"prototype":1}}`],
  ])('refuses a poisoned key written %s', (_how, text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  it.each([
    ['an array 100 000 levels deep', `${'['.repeat(100_000)}${']'.repeat(100_000)}`, /levels/],
    ['an object 100 000 levels deep', `${'{"a":'.repeat(100_000)}1${'}'.repeat(100_000)}`, /levels/],
    ['101 levels', `${'['.repeat(101)}${']'.repeat(101)}`, /levels/],
    ['a key that stands twice', '{"a":1,"a":2}', /twice/],
    ['a key that stands twice deep down', '{"a":[{"b":{"c":1,"d":":","c":2}}]}', /twice/],
    ['a key that stands twice, once with an escape', String.raw`{"a":1,"\u0061":2}`, /twice/],
    ['an array that never ends', '['.repeat(100_000), /levels/],
  ])('refuses %s', (_what, text, message) => {
    expect(() => parseJson(text)).toThrow(RefusedJson)
    expect(() => parseJson(text)).toThrow(message)
  })

  it.each([
    '',
    '{',
    '[1,]',
    '{"a"}',
    '{a:1}',
    'NaN',
    '"\u0000"',
    '"a',
    '\ufeff{}',
    '1 2',
    '{"a":1}}',
    "{'a':1}",
  ])('refuses %j, which is not JSON', (text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
  })

  it('says of poisoned, doubled and deep text what is wrong, repeating none of it', () => {
    expect(() => parseFrame(`{"\\u0061":${'['.repeat(100_000)}${']'.repeat(100_000)}}`)).toThrow(SyntaxError)
    for (const text of ['{"secret":1,"secret":1}', '{"secret":{"__proto__":1}}']) {
      expect(() => parseJson(text)).not.toThrow(/secret/)
    }
  })

  it('harms nothing else, whatever it reads', () => {
    for (const text of ['{"__proto__":{"polluted":1}}', '{"constructor":{"prototype":{"polluted":1}}}']) {
      expect(() => parseJson(text)).toThrow(RefusedJson)
      expect(() => parseFrame(text)).toThrow(RefusedJson)
    }
    expect(Reflect.get({}, 'polluted')).toBeUndefined()
  })

  it('reads whatever we write', () => {
    fc.assert(
      fc.property(fc.jsonValue({ maxDepth: 6 }), (value) => {
        const text = JSON.stringify(value)
        fc.pre(!text.includes('__proto__'))
        expect(parseJson(text)).toEqual(JSON.parse(text))
        expect(parseFrame(text)).toEqual(JSON.parse(text))
      }),
    )
  })

  it('lets the words stand in values', () => {
    expect(parseJson('{"say":"__proto__","constructor":"Ford"}')).toEqual({
      say: '__proto__',
      constructor: 'Ford',
    })
  })

  it.each(['[]', '{"a":[1,2.5e3,null,true,"caf\\u00e9"],"b":{"":""}}', '" \\n"', '-0'])(
    'reads %s as JSON.parse does',
    (text) => {
      expect(parseJson(text)).toEqual(JSON.parse(text))
    },
  )
})
