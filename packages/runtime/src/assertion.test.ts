import { createHmac } from 'node:crypto'
import { describe, expect, it } from 'vitest'
import { audienceOf } from '@crossfade/contracts/agent-identity'
import { claimedSubject, newAgentKey, signAssertion, verifyAssertion } from './assertion.ts'

const now = Date.UTC(2026, 0, 1)
const key = newAgentKey()
const audience = audienceOf('link', 'f'.repeat(32))
const claim = { subject: 'credential-1', audience, now, id: 'once-1' }
const expected = { publicKey: key.publicKey, subject: 'credential-1', audiences: [audience], now }

describe('an assertion', () => {
  it('proves who signed it', async () => {
    const assertion = await signAssertion(key.privateKey, claim)
    expect(assertion.length).toBeLessThan(1_000)
    expect(claimedSubject(assertion)).toBe('credential-1')
    expect(await verifyAssertion(assertion, expected)).toMatchObject({ kind: 'proved', id: 'once-1' })
  })

  it.each([
    ['of another key', { publicKey: newAgentKey().publicKey }],
    ['of another subject', { subject: 'credential-2' }],
    ['for another door', { audiences: [audienceOf('renew', 'f'.repeat(32))] }],
    ['for another control plane', { audiences: [audienceOf('link', '0'.repeat(32))] }],
  ])('%s proves nothing', async (_name, other) => {
    const assertion = await signAssertion(key.privateKey, claim)
    expect(await verifyAssertion(assertion, { ...expected, ...other })).toEqual({ kind: 'invalid' })
  })

  it.each([
    ['a minute and the leeway old', 89_000, 'proved'],
    ['older', 92_000, 'untimely'],
    ['from the near future', -29_000, 'proved'],
    ['from the future', -32_000, 'untimely'],
  ])('is judged by its time: %s', async (_name, age, verdict) => {
    const assertion = await signAssertion(key.privateKey, claim)
    expect((await verifyAssertion(assertion, { ...expected, now: now + age })).kind).toBe(verdict)
  })

  it('is not taken without a signature, or with one made from the public key', async () => {
    const [, payload = ''] = (await signAssertion(key.privateKey, claim)).split('.')
    const headed = (alg: string) =>
      `${Buffer.from(JSON.stringify({ alg, typ: 'crossfade-agent+jwt', kid: 'credential-1' })).toString('base64url')}.${payload}`
    const mac = createHmac('sha256', Buffer.from(key.publicKey, 'base64')).update(headed('HS256'))
    for (const forged of [
      `${headed('none')}.`,
      `${headed('HS256')}.${mac.digest('base64url')}`,
      'a.b.c',
      '',
    ]) {
      expect(await verifyAssertion(forged, expected)).toEqual({ kind: 'invalid' })
    }
    expect(claimedSubject('a.b.c')).toBeNull()
  })
})
