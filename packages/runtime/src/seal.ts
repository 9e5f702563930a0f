import { createHash, createPrivateKey, createPublicKey, sign, verify, type KeyObject } from 'node:crypto'
import type { KeyChain, SnapshotEntry } from '@crossfade/contracts/snapshot'

/** How snapshots and overlays are hashed and signed (rule 24): Ed25519 (RFC 8032) over exact bytes. */

export function sha256Hex(bytes: string | Uint8Array): string {
  return createHash('sha256').update(bytes).digest('hex')
}

/** SHA-256 over the sorted lines `kind/id/sha256(bytes)`, each ended by a newline. */
export function contentHash(entries: readonly SnapshotEntry[]): string {
  const lines = entries.map((entry) => `${entry.kind}/${entry.id}/${sha256Hex(entry.bytes)}\n`)
  return sha256Hex(lines.toSorted().join(''))
}

/** The part of a token that pins a key: first 32 hex digits of the SHA-256 of the raw public key. */
export function fingerprintOf(publicKey: string): string {
  return sha256Hex(Buffer.from(publicKey, 'base64')).slice(0, 32)
}

export interface Signer {
  /** Raw public key, base64. */
  readonly publicKey: string
  sign(bytes: string | Uint8Array): string
}

/** `pem` is a PKCS #8 Ed25519 private key. */
export function createSigner(pem: string): Signer {
  const key = createPrivateKey(pem)
  if (key.asymmetricKeyType !== 'ed25519') throw new TypeError('The signing key must be an Ed25519 key')
  return {
    publicKey: rawPublicKey(key),
    sign: (bytes) => sign(null, Buffer.from(bytes), key).toString('base64'),
  }
}

export function isSignedBy(publicKey: string, bytes: string | Uint8Array, signature: string): boolean {
  return verify(null, Buffer.from(bytes), publicKeyObject(publicKey), Buffer.from(signature, 'base64'))
}

/**
 * The keys that a pinned fingerprint makes trustworthy: itself and every later key of the chain, each signed
 * by the one before. Empty when the chain does not contain the pin or a link of it is broken.
 */
export function trustedKeys(chain: KeyChain, fingerprint: string): readonly string[] {
  const start = chain.findIndex((link) => fingerprintOf(link.publicKey) === fingerprint)
  if (start < 0) return []
  const trusted = chain.slice(start, start + 1).map((link) => link.publicKey)
  for (const link of chain.slice(start + 1)) {
    const before = trusted.at(-1)
    const raw = Buffer.from(link.publicKey, 'base64')
    if (before === undefined || link.signature === null || !isSignedBy(before, raw, link.signature)) return []
    trusted.push(link.publicKey)
  }
  return trusted
}

/** Of a private or public Ed25519 key: its raw public half, base64. */
export function rawPublicKey(key: KeyObject): string {
  const { x } = createPublicKey(key).export({ format: 'jwk' })
  return Buffer.from(x ?? '', 'base64url').toString('base64')
}

export function publicKeyObject(raw: string): KeyObject {
  const x = Buffer.from(raw, 'base64').toString('base64url')
  return createPublicKey({ key: { kty: 'OKP', crv: 'Ed25519', x }, format: 'jwk' })
}
