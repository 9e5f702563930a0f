import type { Mapping, Snapshot } from '../model.ts'
import { same } from '../same.ts'
import type { Check, EnvironmentAuth } from './auth.ts'
import { checkOf } from './compile-auth.ts'

/**
 * Whether somebody may be let in, or kept out, who was not before: another check on a mapping or on unmapped
 * traffic, or another issuer behind one. Removing or loosening one is a raise (rule 21); so is every other change,
 * for it may keep callers out. Making and revoking API keys is not: no check changes.
 */
export function changesChecks(before: Snapshot, after: Snapshot): boolean {
  const [old, next] = [before.environment.auth, after.environment.auth]
  if (!same(meaningOf(old.unmapped, old), meaningOf(next.unmapped, next))) return true
  const standing = new Map(before.mappings.map((mapping) => [mapping.id, mapping]))
  const gone = new Set(standing.keys())
  for (const mapping of after.mappings) {
    const was = standing.get(mapping.id)
    gone.delete(mapping.id)
    // Its traffic was unmapped until now, or another mapping's.
    const meant = was ? inMapping(was, old) : meaningOf(old.unmapped, old)
    if (!same(meant, inMapping(mapping, next))) return true
  }
  return [...gone].some((id) => {
    const was = standing.get(id)
    return was !== undefined && !same(inMapping(was, old), meaningOf(next.unmapped, next))
  })
}

function inMapping(mapping: Mapping, auth: EnvironmentAuth): unknown {
  return meaningOf(checkOf(mapping, auth), auth)
}

/** A check with everything it rests on. What issuers nobody asks for are like does not matter. */
function meaningOf(check: Check, auth: EnvironmentAuth): unknown {
  if (check === 'none') return check
  const { anyOf, issuers, requiredClaims, forward } = check
  const asked = auth.issuers.filter(({ name }) => issuers.length === 0 || issuers.includes(name))
  return {
    anyOf: anyOf.toSorted(),
    requiredClaims,
    forward,
    preflight: auth.preflight,
    apiKeyHeader: anyOf.includes('api-key') ? auth.apiKeyHeader : null,
    issuers: anyOf.includes('jwt') ? asked : [],
  }
}
