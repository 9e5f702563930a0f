import { array, assert, property, string } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { ChunkWalker } from './chunk-walker.ts'

const walk = (pieces: readonly string[]) => {
  const walker = new ChunkWalker()
  let before = 0
  for (const piece of pieces) {
    const end = walker.walk(Buffer.from(piece, 'latin1'), 0)
    if (end >= 0) return { end: before + end, extensionBytes: walker.extensionBytes }
    before += piece.length
  }
  return { end: -1, extensionBytes: walker.extensionBytes }
}

describe('the end of a chunked body', () => {
  it.each([
    ['0\r\n\r\n', 0],
    ['5\r\nhello\r\n0\r\n\r\n', 0],
    ['5;a=b\r\nhello\r\nA;c\r\n0123456789\r\n00\r\nX: 1\r\nY: 2\r\n\r\n', 4],
  ])('is found in %j', (body, extensionBytes) => {
    expect(walk([`${body}GET /`])).toEqual({ end: body.length, extensionBytes })
    for (let cut = 1; cut < body.length; cut++) {
      expect(walk([body.slice(0, cut), `${body.slice(cut)}GET /`])).toEqual({
        end: body.length,
        extensionBytes,
      })
    }
  })

  it('is found whatever the chunks hold', () => {
    const chunk = string({ unit: 'binary-ascii', minLength: 1, maxLength: 40 })
    assert(
      property(array(chunk), (chunks) => {
        const body = `${chunks.map((text) => `${text.length.toString(16)}\r\n${text}\r\n`).join('')}0\r\n\r\n`
        expect(walk([`${body}rest`]).end).toBe(body.length)
      }),
    )
  })

  it('is not there yet while something is missing', () => {
    expect(walk(['5\r\nhello\r\n0\r\n\r']).end).toBe(-1)
  })
})
