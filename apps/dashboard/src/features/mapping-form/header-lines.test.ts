import { describe, expect, it } from 'vitest'
import { headersOfLines } from './header-lines.ts'
import { moved } from './moved.ts'

describe('headers as people paste them', () => {
  it('reads names without case, trims values and skips empty lines', () => {
    expect(headersOfLines('Cookie: session=a:b\n\n  X-Beta :1  ')).toEqual({
      headers: { cookie: 'session=a:b', 'x-beta': '1' },
      badLine: null,
    })
  })

  it('names the first line that is no header', () => {
    expect(headersOfLines('x: 1\nGET / HTTP/1.1').badLine).toBe('GET / HTTP/1.1')
  })
})

describe('moving an item of a list', () => {
  it('swaps with its neighbour and stays at the ends', () => {
    expect(moved(['a', 'b', 'c'], 1, -1)).toEqual(['b', 'a', 'c'])
    expect(moved(['a', 'b', 'c'], 2, 1)).toEqual(['a', 'b', 'c'])
    expect(moved(['a', 'b', 'c'], 0, -1)).toEqual(['a', 'b', 'c'])
  })
})
