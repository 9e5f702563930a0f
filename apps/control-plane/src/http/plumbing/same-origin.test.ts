import { describe, expect, it } from 'vitest'
import { siteOf } from './same-origin.ts'

const publicUrl = 'https://crossfade.example'

describe('where a request came from', () => {
  it.each([
    ['a program', {}, 'unknown'],
    ['our own page', { origin: 'https://crossfade.example' }, 'same'],
    ['our own page at another address', { origin: 'http://10.0.0.7:4400', host: '10.0.0.7:4400' }, 'same'],
    ['another site', { origin: 'https://evil.example', host: 'crossfade.example' }, 'cross'],
    [
      'our name on another port',
      { origin: 'https://crossfade.example:8443', host: 'crossfade.example' },
      'cross',
    ],
    ['our name without TLS', { origin: 'http://crossfade.example', host: 'crossfade.example' }, 'cross'],
    ['our name as a prefix', { origin: 'https://crossfade.example.evil.example' }, 'cross'],
    ['a sandboxed frame', { origin: 'null' }, 'cross'],
    ['a local file', { origin: 'file://' }, 'cross'],
    [
      'what the browser calls our own',
      { 'sec-fetch-site': 'same-origin', origin: 'http://localhost:5173' },
      'same',
    ],
    ['what the browser calls another site', { 'sec-fetch-site': 'cross-site' }, 'cross'],
    ['a neighbour under the same domain', { 'sec-fetch-site': 'same-site' }, 'cross'],
    ['an address typed in', { 'sec-fetch-site': 'none' }, 'unknown'],
  ] as const)('%s', (_name, headers, site) => {
    expect(siteOf(headers, publicUrl)).toBe(site)
  })
})
