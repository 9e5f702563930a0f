import { checkOf } from './auth/compile-auth.ts'
import { canonical } from './canonical-path.ts'
import type { Decision, RequestFacts } from './model.ts'
import type { CompiledMapping, RoutingTable } from './routing-table.ts'
import { same } from './same.ts'

/**
 * Whether a service that reads the path less strictly would see the path of a mapping that has not taken the
 * request (rule 4: no spelling slips past a mapping and its checks).
 */
export function slipsPast(table: RoutingTable, facts: RequestFacts, decision: Decision): boolean {
  const { path } = facts
  if (path.includes('%2F') && isTaken(table, facts, decision)) return true
  if (table.auth?.hasChecks !== true) return false
  return looserReadings(path).some((reading) => isChecked(table, facts, decision, reading))
}

/**
 * `%2F` read as a slash leads to another mapping. Where the mapping that took it expects the `%2F`, inside a
 * parameter or spelled out, its reading stands.
 */
function isTaken(table: RoutingTable, facts: RequestFacts, decision: Decision): boolean {
  if (decision.kind === 'mapped' && decision.mapping.match.path.kind !== 'prefix') return false
  const decoded = canonical(facts.path.replaceAll('%2F', '/'))
  const other = table.router.find(facts.host, decoded, facts.method)
  return other !== null && (decision.kind !== 'mapped' || decision.mapping.id !== other.mapping.id)
}

/** What frameworks make of a path: `%2F` a slash, `;parameters` cut off, a last slash of no meaning. */
function looserReadings(path: string): string[] {
  const readings = new Set<string>()
  for (const decoded of new Set([path, path.replaceAll('%2F', '/')])) {
    for (const plain of new Set([decoded, decoded.replace(/;[^/]*/g, '')])) {
      const reading = canonical(plain)
      readings.add(reading)
      readings.add(reading.endsWith('/') ? reading.replace(/\/$/, '') || '/' : `${reading}/`)
    }
  }
  readings.delete(path)
  return [...readings]
}

/** The reading belongs to a mapping whose check is none that the request has to pass anyway. */
function isChecked(table: RoutingTable, facts: RequestFacts, decision: Decision, reading: string): boolean {
  const { auth } = table.snapshot.environment
  const other: CompiledMapping | null = table.router.find(facts.host, reading, facts.method)
  if (other === null) return false
  const check = checkOf(other.mapping, auth)
  if (check === 'none') return false
  if (decision.kind === 'mapped' && decision.mapping.id === other.id) return false
  // Keys may open one mapping and not the other.
  if (check.anyOf.includes('api-key')) return true
  return !same(check, decision.kind === 'mapped' ? checkOf(decision.mapping, auth) : auth.unmapped)
}
