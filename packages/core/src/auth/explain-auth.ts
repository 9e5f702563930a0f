import type { CompiledMapping, RoutingTable } from '../routing-table.ts'
import type { ApiKey, Claims, Presented, Requirement } from './auth.ts'
import type { Need } from './compile-auth.ts'
import { NO_NEED } from './compile-auth.ts'
import { judge, type AuthRefusal } from './judge.ts'

/** What a caller would have to show, and what becomes of one who shows this. */
export interface ExplainedAuth {
  readonly verdict: 'open' | 'passed' | 'refused'
  /** Of the answer to one who is refused. */
  readonly status: 401 | 403 | null
  readonly because: string
}

export interface Shown {
  /** As if a signature held them; null shows no token. */
  readonly claims: Claims | null
  /** Null when none was shown. */
  readonly keyDigest: string | null
}

/** What a request to this mapping, or to none, has to bring. */
export function needOf(table: RoutingTable, route: CompiledMapping | null): Need {
  if (table.auth === null) return NO_NEED
  return route === null ? table.auth.unmapped : (table.auth.needs.get(route.id) ?? NO_NEED)
}

/** A browser that asks before it sends a request from another site (Fetch standard, CORS-preflight request). */
export function isPreflight(method: string, header: (name: string) => string | undefined): boolean {
  return (
    method === 'OPTIONS' &&
    header('origin') !== undefined &&
    header('access-control-request-method') !== undefined
  )
}

export function explainAuth(
  table: RoutingTable,
  route: CompiledMapping | null,
  shown: Shown,
  preflight: boolean,
): ExplainedAuth {
  const { auth } = table.snapshot.environment
  const { requirement } = needOf(table, route)
  if (requirement === null) return { verdict: 'open', status: null, because: 'Anybody may call' }
  if (preflight && auth.preflight === 'pass') {
    return { verdict: 'passed', status: null, because: 'CORS preflights are let through here' }
  }
  const asked = askedFor(requirement)
  const refusal = judge(requirement, route?.id ?? null, presentedOf(table, requirement, shown))
  if (refusal === null) return { verdict: 'passed', status: null, because: `${asked}; this caller has it` }
  const status = refusal.kind === 'forbidden' ? 403 : 401
  return { verdict: 'refused', status, because: `${asked}; ${WHY[refusal.kind]}` }
}

const WHY: Record<AuthRefusal['kind'], string> = {
  missing: 'this caller shows nothing',
  invalid: 'what this caller shows is from nobody who is believed here',
  forbidden: 'this caller is known but lacks what is asked for',
  unknown: 'nobody can tell yet',
}

/** Which digest belongs to which key; `null` for none. */
export function keyOf(keys: readonly ApiKey[], digest: string): ApiKey | null {
  return keys.find((key) => key.digest === digest) ?? null
}

function presentedOf(table: RoutingTable, requirement: Requirement, { claims, keyDigest }: Shown): Presented {
  const { issuers, apiKeys } = table.snapshot.environment.auth
  const key = keyDigest === null ? null : keyOf(apiKeys, keyDigest)
  const nothing = { kind: keyDigest === null ? 'none' : 'invalid' } as const
  const apiKey: Presented['apiKey'] = key === null ? nothing : { kind: 'valid', key }
  if (claims === null) return { token: { kind: 'none' }, apiKey }
  const { iss, aud } = claims
  const audience: readonly unknown[] = Array.isArray(aud) ? aud : [aud]
  // A person who leaves them out asks what the other claims would do.
  const from = issuers.find(
    ({ name, issuer, audiences }) =>
      (iss === undefined
        ? requirement.issuers.length === 0 || requirement.issuers.includes(name)
        : iss === issuer) &&
      (aud === undefined || audience.some((one) => typeof one === 'string' && audiences.includes(one))),
  )
  const token: Presented['token'] = from ? { kind: 'valid', issuer: from.name, claims } : { kind: 'invalid' }
  return { token, apiKey }
}

function askedFor({ anyOf, issuers, requiredClaims }: Requirement): string {
  const from = issuers.length === 0 ? '' : ` of ${issuers.join(' or ')}`
  const claims = requiredClaims.map(({ claim, values }) =>
    values.length === 0 ? claim : `${claim} ${values.join(' or ')}`,
  )
  const having = claims.length === 0 ? '' : ` with ${claims.join(' and ')}`
  const named = anyOf.map((kind) => (kind === 'jwt' ? `a token${from}${having}` : 'an API key'))
  return `Callers must show ${named.join(' or ')}`
}
