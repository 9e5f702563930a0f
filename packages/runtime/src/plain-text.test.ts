import { describe, expect, it } from 'vitest'
import { plainJson, plainLine, plainText } from './plain-text.ts'

const nasty = 'a\u001b[2Jb\u009b31mc\u202ed\u2028e\u2066f\u007fg\u0000h\r'

describe('LOG-01: text for people', () => {
  it('is shown, never obeyed', () => {
    expect(plainText(nasty)).toBe(String.raw`a\u001b[2Jb\u009b31mc\u202ed\u2028e\u2066f\u007fg\u0000h\u000d`)
  })

  it('keeps its line breaks and letters, and none in a single line', () => {
    expect(plainText('caf\u00e9\n\t\u{1f4d6}')).toBe('caf\u00e9\n\t\u{1f4d6}')
    expect(plainLine('a\nforged\tb')).toBe(String.raw`a\u000aforged\u0009b`)
  })

  it('stays the same JSON', () => {
    const json = plainJson(JSON.stringify({ [nasty]: nasty }))
    expect(json).toMatch(/^[\x20-\x7e]*$/)
    expect(JSON.parse(json)).toEqual({ [nasty]: nasty })
  })
})
