import { readTarget, type PathReading } from '@crossfade/core/canonical-path'
import type { RoutingTable } from '@crossfade/core/routing-table'

/** `*` of `OPTIONS *` is no path; no mapping can match it. */
export function readPath(target: string, { paths }: Pick<RoutingTable, 'paths'>): PathReading {
  if (target === '*') return { kind: 'clear', path: '*', received: '*', query: '' }
  return readTarget(target, paths)
}
