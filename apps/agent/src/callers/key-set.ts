import { z } from 'zod'
import type { Algorithm } from '@crossfade/core/auth/auth'
import { parseJson } from '@crossfade/runtime/safe-json'
import { importJWK, type CryptoKey, type JWK } from 'jose'

/** A public key of an issuer. */
export interface IssuerKey {
  readonly kid: string | null
  /** Of what it is, without its names: two with the same are the same key. */
  readonly print: string
  fits(algorithm: Algorithm): boolean
  /** Rejects for a key that is too weak or no key at all. */
  forAlgorithm(algorithm: Algorithm): Promise<CryptoKey>
}

const keySchema = z.looseObject({
  kty: z.string(),
  kid: z.string().max(512).optional(),
  use: z.string().optional(),
  alg: z.string().optional(),
  key_ops: z.array(z.string()).optional(),
  crv: z.string().optional(),
})
const documentSchema = z.looseObject({ keys: z.array(z.unknown()).max(200) })
type KeyDocument = z.output<typeof keySchema>

/**
 * The keys of a JWK set (RFC 7517) that can verify one of these algorithms; others in it are left out. Throws when
 * it is no such set, or has none.
 */
export function readKeySet(text: string, algorithms: readonly Algorithm[]): IssuerKey[] {
  const document = documentSchema.safeParse(jsonOf(text))
  if (!document.success) throw new Error('The answer is no JWK set')
  const keys = document.data.keys.flatMap((item) => {
    const parsed = keySchema.safeParse(item)
    return parsed.success ? (keyOf(parsed.data, algorithms) ?? []) : []
  })
  if (keys.length === 0) throw new Error('The JWK set has no key for the algorithms of this issuer')
  return keys
}

function jsonOf(text: string): unknown {
  try {
    return parseJson(text)
  } catch {
    return null
  }
}

/** Null for what is secret, private, for something else than signatures, or not for these algorithms. */
function keyOf(document: KeyDocument, algorithms: readonly Algorithm[]): IssuerKey | null {
  const { kty, kid, use, alg, key_ops: operations, crv } = document
  const members = MEMBERS[kty]
  if (members === undefined || 'd' in document || 'k' in document) return null
  if (use !== undefined && use !== 'sig') return null
  if (operations !== undefined && !operations.includes('verify')) return null
  const fits = (algorithm: Algorithm) =>
    (alg === undefined || alg === algorithm) && isKind(algorithm, kty, crv)
  if (!algorithms.some(fits)) return null

  const jwk: Record<string, unknown> = { kty }
  for (const member of members) jwk[member] = document[member]
  const imported = new Map<Algorithm, Promise<CryptoKey>>()
  return {
    kid: kid ?? null,
    print: JSON.stringify([jwk, alg ?? null]),
    fits,
    forAlgorithm(algorithm) {
      const known = imported.get(algorithm) ?? importPublic(jwk, algorithm)
      imported.set(algorithm, known)
      return known
    },
  }
}

async function importPublic(jwk: JWK, algorithm: Algorithm): Promise<CryptoKey> {
  const key = await importJWK(jwk, algorithm)
  if (key instanceof Uint8Array || key.type !== 'public') throw new Error('That is no public key')
  return key
}

/** All that is public of each kind of key; nothing else of a document is looked at. */
const MEMBERS: Readonly<Record<string, readonly string[]>> = {
  RSA: ['n', 'e'],
  EC: ['crv', 'x', 'y'],
  OKP: ['crv', 'x'],
}
const CURVES: Readonly<Record<string, string>> = {
  ES256: 'P-256',
  ES384: 'P-384',
  ES512: 'P-521',
  EdDSA: 'Ed25519',
}

function isKind(algorithm: Algorithm, kty: string, crv: string | undefined): boolean {
  if (algorithm === 'EdDSA') return kty === 'OKP' && crv === CURVES[algorithm]
  if (algorithm.startsWith('ES')) return kty === 'EC' && crv === CURVES[algorithm]
  return kty === 'RSA'
}
