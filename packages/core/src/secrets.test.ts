import { describe, expect, it } from 'vitest'
import { blotted, blottedTarget, isSecretName } from './secrets.ts'

describe('a secret', () => {
  it.each([
    'Authorization',
    'x-api-key',
    'access_token',
    'x-token-2',
    'session',
    'sig',
    'Set-Cookie',
    'id_token',
  ])('is what is called %s', (name) => expect(isSecretName(name)).toBe(true))

  it.each(['accept', 'x-request-id', 'tokenId', 'monkey', 'keyboard', 'author', 'signal'])(
    'is not what is called %s',
    (name) => expect(isSecretName(name)).toBe(false),
  )

  it('is blotted out of a query, however its name is spelled', () => {
    expect(blottedTarget('/a?access_token=abc&q=1&t%6fken=x&key=')).toBe(
      '/a?access_token=[redacted]&q=1&t%6fken=[redacted]&key=',
    )
    expect(blottedTarget('/plain/path')).toBe('/plain/path')
    expect(blottedTarget('/a?token&x=1&=y&key=a=b')).toBe('/a?token&x=1&=y&key=[redacted]')
  })

  it('is blotted out of text by its looks', () => {
    const token = 'eyJhbGciOiJFUzI1NiJ9.eyJzdWIiOiJ1MSJ9.c2lnbmF0dXJl'
    expect(blotted(`/reset/${token}/x`)).toBe('/reset/[redacted]/x')
    expect(blottedTarget(`/x?next=${token}`)).toBe('/x?next=[redacted]')
    expect(blotted(`cfk_${'a'.repeat(43)}`)).toBe('[redacted]')
    expect(blotted('/cfo_reports/eyJ')).toBe('/cfo_reports/eyJ')
  })
})
