import { describe, expect, it } from 'vitest'
import { cookieValue, factsOf, headersOfText, hostOf, queryValue } from './facts.ts'

describe('a cookie', () => {
  it.each([
    ['uid=u1', 'u1'],
    ['a=1; uid=u1; uid=u2', 'u1'],
    ['a=1;uid = u1 ;b=2', 'u1'],
    ['uid="quoted; x"', '"quoted'],
    ['uid=a=b==', 'a=b=='],
    ['uid=', ''],
    ['xuid=1; uidx=2', undefined],
    ['uid', undefined],
    ['uid; uid=late', 'late'],
    ['', undefined],
    [undefined, undefined],
    ['uid=caf\u00c3\u00a0', 'caf\u00c3\u00a0'],
  ])('of %j is %j', (header, value) => {
    expect(cookieValue(header, 'uid')).toBe(value)
  })
})

describe('a query parameter', () => {
  it.each([
    ['uid=u1', 'u1'],
    ['a=1&uid=%75&uid=2', '%75'],
    ['u%69d=x', 'x'],
    ['uid', ''],
    ['uid=', ''],
    ['uid=a=b', 'a=b'],
    ['xuid=1', undefined],
    ['', undefined],
    ['&&uid=1', '1'],
  ])('of %j is %j', (query, value) => {
    expect(queryValue(query, 'uid')).toBe(value)
  })
})

describe('facts', () => {
  it('take the first of several headers, by name in any case', () => {
    const headers = [
      ['X-User', 'first'],
      ['x-user', 'second'],
    ] as const
    expect(factsOf({ method: 'GET', host: 'h', target: '/', headers }).header('x-user')).toBe('first')
  })

  it('turn text into the bytes a client would send', () => {
    expect(headersOfText({ 'x-user': 'caf\u00e9' })).toEqual([['x-user', 'caf\u00c3\u00a9']])
  })

  it('know a host without port, case and final dot', () => {
    expect(['A.Example:80', 'a.example.', '[::1]:80', '[2001:db8::1]'].map(hostOf)).toEqual([
      'a.example',
      'a.example',
      '[::1]',
      '[2001:db8::1]',
    ])
  })
})
