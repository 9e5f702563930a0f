import { describe, expect, it } from 'vitest'
import { problemOfCertificates } from './pem.ts'

const block = (label: string) => `-----BEGIN ${label}-----\nTUlJQmF6\n-----END ${label}-----\n`

describe('certificates as text', () => {
  it('may be one or several, with words between them', () => {
    expect(problemOfCertificates(block('CERTIFICATE'))).toBeNull()
    expect(
      problemOfCertificates(`# ours\n${block('CERTIFICATE')}\n# theirs\n${block('CERTIFICATE')}`),
    ).toBeNull()
  })

  it.each(['PRIVATE KEY', 'RSA PRIVATE KEY', 'ENCRYPTED PRIVATE KEY', 'EC PRIVATE KEY'])(
    'never hold a %s, not even beside a certificate or cut short',
    (label) => {
      for (const text of [
        block(label),
        block('CERTIFICATE') + block(label),
        `-----BEGIN ${label}-----\nTUl`,
      ]) {
        expect(problemOfCertificates(text)).toContain('private key')
      }
    },
  )

  it.each([
    ['nothing', ''],
    ['something else', 'hello'],
    ['a public key', block('PUBLIC KEY')],
    ['half a certificate', '-----BEGIN CERTIFICATE-----\nTUlJQmF6'],
    ['a certificate and half of another', `${block('CERTIFICATE')}-----BEGIN CERTIFICATE-----\nTUl`],
    ['an end without a beginning', `${block('CERTIFICATE')}-----END CERTIFICATE-----`],
  ])('are not %s', (_what, text) => {
    expect(problemOfCertificates(text)).toContain('Give PEM certificates')
  })
})
