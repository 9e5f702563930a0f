import { canonical } from './canonical-path.ts'
import type { Decision, RequestFacts } from './model.ts'
import type { RoutingTable } from './routing-table.ts'

/**
 * Whether a service that reads `%2F` as a slash would see the path of a mapping that has not taken the request
 * (rule 4: no spelling slips past a mapping). Where the mapping that took it expects the `%2F`, inside a parameter
 * or spelled out, its reading stands.
 */
export function slipsPast(table: RoutingTable, facts: RequestFacts, decision: Decision): boolean {
  if (!facts.path.includes('%2F')) return false
  if (decision.kind === 'mapped' && decision.mapping.match.path.kind !== 'prefix') return false
  const decoded = canonical(facts.path.replaceAll('%2F', '/'))
  const other = table.router.find(facts.host, decoded, facts.method)
  return other !== null && (decision.kind !== 'mapped' || decision.mapping.id !== other.mapping.id)
}
