import { generateKeyPairSync } from 'node:crypto'
import { mkdtempSync, readFileSync, rmSync, statSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { fingerprintOf, trustedKeys } from '@crossfade/runtime/seal'
import { openSigningKeys } from './signing-keys.ts'

let folder: string
beforeEach(() => {
  folder = mkdtempSync(path.join(tmpdir(), 'crossfade-keys-'))
})
afterEach(() => rmSync(folder, { recursive: true }))

const none = { signingKey: null, previousSigningKey: null }
const aKey = () =>
  generateKeyPairSync('ed25519').privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()

describe('signing keys', () => {
  it('are made once, readable by the owner alone, and found again', () => {
    const first = openSigningKeys(folder, none)
    const again = openSigningKeys(folder, none)
    expect(again.signer.publicKey).toBe(first.signer.publicKey)
    expect(again.chain).toEqual([{ publicKey: first.signer.publicKey, signature: null }])
    expect(statSync(path.join(folder, 'signing-key.pem')).mode & 0o777).toBe(0o600)
  })

  it('lead an agent that pinned the old key to a new one the old one signed', () => {
    const old = openSigningKeys(folder, none)
    const next = openSigningKeys(folder, { signingKey: aKey(), previousSigningKey: null })
    expect(next.signer.publicKey).not.toBe(old.signer.publicKey)
    const pin = fingerprintOf(old.signer.publicKey)
    expect(trustedKeys(next.chain, pin)).toEqual([old.signer.publicKey, next.signer.publicKey])
  })

  it('accept the old key from the settings, where the data directory never had it', () => {
    const [first, second] = [aKey(), aKey()]
    const old = openSigningKeys(folder, { signingKey: first, previousSigningKey: null })
    expect(() => openSigningKeys(folder, { signingKey: second, previousSigningKey: null })).toThrow(
      'CROSSFADE_PREVIOUS_SIGNING_KEY',
    )
    const next = openSigningKeys(folder, { signingKey: second, previousSigningKey: first })
    expect(trustedKeys(next.chain, fingerprintOf(old.signer.publicKey))).toHaveLength(2)
    expect(() => openSigningKeys(folder, { signingKey: first, previousSigningKey: null })).toThrow('newer')
  })

  it('keep no private key of the settings on disk', () => {
    openSigningKeys(folder, { signingKey: aKey(), previousSigningKey: null })
    expect(() => readFileSync(path.join(folder, 'signing-key.pem'))).toThrow('ENOENT')
  })
})
