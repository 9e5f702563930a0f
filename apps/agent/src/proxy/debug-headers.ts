import type { Decision, Reason, RequestFacts } from '@crossfade/core/model'
import { isAllowedCaller, type RoutingTable } from '@crossfade/core/routing-table'

/**
 * What an allowed caller who sends `X-Crossfade-Debug` learns from the answer (rule 11), as a flat header list;
 * empty for everyone else: nothing leaks.
 */
export function debugHeaders(table: RoutingTable, facts: RequestFacts, decision: Decision): string[] {
  if (facts.header('x-crossfade-debug') === undefined || !isAllowedCaller(table, facts)) return []
  const headers: string[] = []
  const say = (name: string, value: string) => headers.push(`X-Crossfade-${name}`, value)
  if (decision.kind === 'mapped') {
    say('Side', decision.side)
    // Names may hold any character, header values may not.
    say('Mapping', encodeURI(decision.mapping.name.toWellFormed()))
    say('Reason', reasonText(decision.reason))
  } else {
    say('Side', 'legacy')
    say('Reason', decision.kind)
  }
  say('Revision', String(decision.revision))
  return headers
}

function reasonText(reason: Reason): string {
  switch (reason.kind) {
    case 'bucket':
      return `bucket; bucket=${reason.bucket}; share=${reason.share}`
    case 'missing-identity':
      return `missing-identity; share=${reason.share}`
    case 'segment':
      return `segment; id=${reason.segmentId}`
    case 'forced':
      return `forced; by=${reason.by}`
    case 'write-phase':
      return `write-phase; phase=${reason.phase}`
    default:
      return reason.kind
  }
}
