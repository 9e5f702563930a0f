import type { ProblemCode } from '@crossfade/contracts/problems'
import type { Requirement } from '@crossfade/core/auth/auth'
import type { Refusal } from '../callers/callers.ts'
import { UNMAPPED } from './label.ts'
import type { NoRoute } from './route-request.ts'

export type CallerCode = Extract<
  ProblemCode,
  'credentials_required' | 'credentials_invalid' | 'caller_forbidden' | 'issuer_unavailable'
>

/**
 * How a caller who may not go on is told so (RFC 6750 section 3, RFC 9110 section 11.6.1): that something is
 * missing, wrong or too little, never what of it.
 */
export function refuseCaller({ why, requirement, mappingId }: Refusal): NoRoute {
  const code = CODES[why.kind]
  return {
    kind: 'no-route',
    // No side has failed, so none is charged with it.
    label: UNMAPPED,
    code,
    refused: { mappingId, code },
    ...(why.kind === 'unknown'
      ? { retryAfterMs: why.retryAfterMs }
      : { challenges: challengesOf(requirement, why.kind) }),
  }
}

const CODES = {
  missing: 'credentials_required',
  invalid: 'credentials_invalid',
  forbidden: 'caller_forbidden',
  unknown: 'issuer_unavailable',
} as const satisfies Record<Refusal['why']['kind'], CallerCode>

const ERRORS = { missing: '', invalid: ', error="invalid_token"', forbidden: ', error="insufficient_scope"' }

function challengesOf({ anyOf }: Requirement, why: 'missing' | 'invalid' | 'forbidden'): string[] {
  return anyOf.map((kind) => (kind === 'jwt' ? `Bearer realm="api"${ERRORS[why]}` : 'ApiKey realm="api"'))
}
