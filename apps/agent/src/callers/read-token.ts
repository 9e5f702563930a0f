import { ALGORITHMS, type Algorithm, type Claims } from '@crossfade/core/auth/auth'
import { parseJson } from '@crossfade/runtime/safe-json'

/** A token taken apart, nothing of it believed yet. */
export interface UnverifiedToken {
  readonly algorithm: Algorithm
  readonly kid: string | null
  readonly claims: Claims
}

/** Larger tokens are nobody's. */
export const mostTokenBytes = 8 * 1024

/**
 * A JWT in the compact form of RFC 7515, or null. Whatever a header says about keys (`jwk`, `jku`, `x5c`, `x5u`) is
 * not read; extensions (`crit`, `b64`) are not known here, and algorithms with a shared secret or none do not exist.
 */
export function readToken(token: string): UnverifiedToken | null {
  if (token.length > mostTokenBytes) return null
  const found = /^([A-Za-z0-9_-]+)\.([A-Za-z0-9_-]+)\.[A-Za-z0-9_-]+$/.exec(token)
  if (found === null) return null
  const header = objectOf(found[1] ?? '')
  const claims = objectOf(found[2] ?? '')
  if (header === null || claims === null || 'crit' in header || 'b64' in header) return null
  const algorithm = ALGORITHMS.find((one) => one === header['alg'])
  const kid: unknown = header['kid']
  if (algorithm === undefined || (kid !== undefined && typeof kid !== 'string')) return null
  return { algorithm, kid: kid ?? null, claims }
}

function objectOf(part: string): Readonly<Record<string, unknown>> | null {
  try {
    const text = new TextDecoder('utf-8', { fatal: true }).decode(Buffer.from(part, 'base64url'))
    const value = parseJson(text)
    const isObject = typeof value === 'object' && value !== null && !Array.isArray(value)
    return isObject ? (value as Record<string, unknown>) : null
  } catch {
    return null
  }
}
