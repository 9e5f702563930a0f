import { describe, expect, it } from 'vitest'
import { parseJson } from './safe-json.ts'

describe('parsing JSON from outside', () => {
  it.each([
    ['plainly', '{"a":{"__proto__":{"admin":true}}}'],
    ['with an escape', String.raw`{"a":{"\u005f_proto__":{"admin":true}}}`],
    ['through the constructor', '[{"constructor":{"prototype":{"admin":true}}}]'],
    ['through an escaped constructor', String.raw`{"c\u006fnstructor":{"prototype":1}}`],
  ])('refuses a poisoned key written %s', (_how, text) => {
    expect(() => parseJson(text)).toThrow(SyntaxError)
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
