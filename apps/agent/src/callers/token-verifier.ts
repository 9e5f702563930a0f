import type { Claims, Issuer, Presented } from '@crossfade/core/auth/auth'
import { areInForce } from '@crossfade/core/auth/claims'
import type { Clock } from '@crossfade/runtime/clock'
import { compactVerify } from 'jose'
import type { IssuerKeys } from './issuer-keys.ts'
import type { IssuerKey } from './key-set.ts'
import type { UnverifiedToken } from './read-token.ts'
import { createTokenCache } from './token-cache.ts'

export type TokenVerdict = Presented['token']

/** Believes one issuer's tokens, or does not. */
export interface TokenVerifier {
  readonly issuer: Issuer
  readonly keys: IssuerKeys
  /** Of a token that was verified before and still holds, by its digest. */
  remembered(digest: string): TokenVerdict | undefined
  verify(token: string, digest: string, read: UnverifiedToken): TokenVerdict | Promise<TokenVerdict>
  counts(): { readonly valid: number; readonly invalid: number; readonly remembered: number }
}

const INVALID: TokenVerdict = { kind: 'invalid' }

export function createTokenVerifier(parts: {
  readonly issuer: Issuer
  readonly keys: IssuerKeys
  readonly clock: Clock
}): TokenVerifier {
  const { issuer, keys, clock } = parts
  const cache = createTokenCache<{
    readonly verdict: TokenVerdict
    readonly claims: Claims
    readonly key: IssuerKey
  }>()
  /** One verification at a time for the same token. */
  const underWay = new Map<string, Promise<TokenVerdict>>()
  const counts = { valid: 0, invalid: 0, remembered: 0 }

  const isInForce = (claims: Claims) => areInForce(claims, issuer, clock.now())

  const rememberedBy = (digest: string): TokenVerdict | undefined => {
    const known = cache.get(digest)
    if (known === undefined) return undefined
    if (!isInForce(known.claims) || !keys.has(known.key)) {
      cache.delete(digest)
      return undefined
    }
    counts.remembered += 1
    return known.verdict
  }

  const check = async (token: string, digest: string, read: UnverifiedToken): Promise<TokenVerdict> => {
    const { algorithm, kid, claims } = read
    let candidates = keys.candidates(kid, algorithm)
    if (candidates === null || candidates.length === 0) {
      await keys.lookAgain()
      candidates = keys.candidates(kid, algorithm)
    }
    if (candidates === null) return { kind: 'unknown', retryAfterMs: keys.nextTryMs() }
    for (const key of candidates) {
      if (!(await isSigned(token, key, read))) continue
      const verdict: TokenVerdict = { kind: 'valid', issuer: issuer.name, claims }
      cache.set(digest, { verdict, claims, key }, 2 * token.length)
      counts.valid += 1
      return verdict
    }
    counts.invalid += 1
    return INVALID
  }

  return {
    issuer,
    keys,
    remembered: rememberedBy,
    verify(token, digest, read) {
      // What cannot be believed with any signature is not worth a signature's arithmetic, nor a question to the issuer.
      if (!issuer.algorithms.includes(read.algorithm) || !isInForce(read.claims)) {
        counts.invalid += 1
        return INVALID
      }
      const joined = underWay.get(digest)
      if (joined !== undefined) return joined
      const checking = check(token, digest, read).finally(() => underWay.delete(digest))
      underWay.set(digest, checking)
      return checking
    },
    counts: () => ({ ...counts }),
  }
}

/** The algorithm is the one pinned above; the key is the issuer's, whatever the token says. */
async function isSigned(token: string, key: IssuerKey, { algorithm }: UnverifiedToken): Promise<boolean> {
  try {
    await compactVerify(token, await key.forAlgorithm(algorithm), { algorithms: [algorithm] })
    return true
  } catch {
    return false
  }
}
