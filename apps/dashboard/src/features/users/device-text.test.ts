import { describe, expect, it } from 'vitest'
import { deviceText } from './device-text.ts'

describe('a session in words', () => {
  it.each([
    ['Mozilla/5.0 (X11; Linux x86_64; rv:140.0) Gecko/20100101 Firefox/140.0', 'Firefox on Linux'],
    [
      'Mozilla/5.0 (Windows NT 10.0) AppleWebKit/537.36 Chrome/156.0 Safari/537.36 Edg/156.0',
      'Edge on Windows',
    ],
    ['Mozilla/5.0 (Macintosh; Intel Mac OS X 15_0) AppleWebKit/605 Version/18 Safari/605', 'Safari on macOS'],
    ['curl/8.1', 'curl/8.1'],
    ['', 'Unknown program'],
  ])('reads %s as %s', (header, text) => {
    expect(deviceText(header)).toBe(text)
  })
})
