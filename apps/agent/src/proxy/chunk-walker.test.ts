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

describe('trailers', () => {
  /** What is left of a body that came in these pieces. */
  const struck = (pieces: readonly string[]) => {
    const walker = new ChunkWalker()
    return pieces
      .map((piece) => {
        const bytes = Buffer.from(piece, 'latin1')
        walker.walk(bytes, 0)
        return bytes.toString('latin1')
      })
      .join('')
  }
  const body = '5;a=b\r\nhello\r\n0\r\nContent-Length: 50\r\nX: Host: evil\r\n!y:\r\n\r\n'
  const left = '5;a=b\r\nhello\r\n0\r\n_ontent-Length: 50\r\n_: Host: evil\r\n_y:\r\n\r\n'

  it('lose the first letter of their names, however the bytes are cut, and nothing else changes', () => {
    expect(struck([body])).toBe(left)
    expect(struck(body.split(''))).toBe(left)
    for (let cut = 1; cut < body.length; cut++) {
      expect(struck([body.slice(0, cut), body.slice(cut)])).toBe(left)
    }
  })

  it('that are none stay as they are, for the parser to refuse', () => {
    for (const line of [' folded', '\tfolded', ': nameless', '\0', '(x)']) {
      const broken = `0\r\nX: 1\r\n${line}: 1\r\n\r\n`
      expect(struck([broken])).toBe(broken.replace('X', '_'))
    }
  })

  it('end with the body: what comes after it is not touched', () => {
    const next = 'GET / HTTP/1.1\r\nHost: t\r\n\r\n'
    expect(struck([`0\r\nX: 1\r\n\r\n${next}`])).toBe(`0\r\n_: 1\r\n\r\n${next}`)
  })
})
