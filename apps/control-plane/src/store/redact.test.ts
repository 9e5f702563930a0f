import { describe, expect, it } from 'vitest'
import { redact } from './redact.ts'

describe('what goes into the audit trail', () => {
  it.each([
    'authorization',
    'proxy-authorization',
    'cookie',
    'x-api-key',
    'x-access-token',
    'x-functions-key',
    'ocp-apim-subscription-key',
    'api_key',
    'access_token',
    'client_secret',
    'x-amz-signature',
    'passwordHash',
    'clientSecret',
  ])('hides the value of %s', (name) => {
    expect(redact({ new: { rewrite: { headers: { set: { [name]: 'hush' } } } } })).toEqual({
      new: { rewrite: { headers: { set: { [name]: '[redacted]' } } } },
    })
  })

  it('shows names, ids and settings that only sound like secrets', () => {
    const view = {
      forcedSide: { header: 'x-side', cookie: 'side' },
      identity: { kind: 'cookie', name: 'uid' },
      limits: [{ key: { kind: 'header', name: 'x-api-key' } }],
      tokenId: '7',
      owner: 'keyboards',
      monkey: 'yes',
    }
    expect(redact(view)).toEqual(view)
  })
})
