import type { Presented, Requirement } from './auth.ts'
import { meets } from './claims.ts'

/** Why a caller is not served. None says which part of a credential was wrong. */
export type AuthRefusal =
  | { readonly kind: 'missing' | 'invalid' | 'forbidden' }
  /** Nobody can tell yet: the issuer's keys were never to be had. */
  | { readonly kind: 'unknown'; readonly retryAfterMs: number }

/**
 * Whether what was presented is enough; null when it is. `mappingId` is null for unmapped traffic. One good
 * credential is enough, whatever the others are like.
 */
export function judge(
  requirement: Requirement,
  mappingId: string | null,
  { token, apiKey }: Presented,
): AuthRefusal | null {
  const refusals: AuthRefusal[] = []
  for (const kind of requirement.anyOf) {
    const refusal = kind === 'jwt' ? judgeToken(requirement, token) : judgeKey(mappingId, apiKey)
    if (refusal === null) return null
    refusals.push(refusal)
  }
  return refusals.toSorted((a, b) => TELLING.indexOf(b.kind) - TELLING.indexOf(a.kind))[0] ?? MISSING
}

/** The later says more. */
const TELLING: readonly AuthRefusal['kind'][] = ['missing', 'invalid', 'unknown', 'forbidden']
const MISSING: AuthRefusal = { kind: 'missing' }

function judgeToken(requirement: Requirement, token: Presented['token']): AuthRefusal | null {
  switch (token.kind) {
    case 'none':
      return MISSING
    case 'invalid':
      return { kind: 'invalid' }
    case 'unknown':
      return { kind: 'unknown', retryAfterMs: token.retryAfterMs }
    case 'valid': {
      const { issuers, requiredClaims } = requirement
      if (issuers.length > 0 && !issuers.includes(token.issuer)) return { kind: 'invalid' }
      return meets(token.claims, requiredClaims) ? null : { kind: 'forbidden' }
    }
  }
}

function judgeKey(mappingId: string | null, apiKey: Presented['apiKey']): AuthRefusal | null {
  if (apiKey.kind === 'none') return MISSING
  if (apiKey.kind === 'invalid') return { kind: 'invalid' }
  const { mappings } = apiKey.key
  const opens = mappings === 'all' || (mappingId !== null && mappings.includes(mappingId))
  return opens ? null : { kind: 'forbidden' }
}
