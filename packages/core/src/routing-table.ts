import { compileAuth, pathPolicy, type CompiledAuth } from './auth/compile-auth.ts'
import { saltOf } from './bucket.ts'
import { compileSegment, type Test } from './conditions.ts'
import { hostFits, isWildcard } from './match.ts'
import { compileMatch, type CompiledMatch } from './match.ts'
import type {
  ByteString,
  DefaultService,
  Environment,
  Mapping,
  Overlay,
  Segment,
  Side,
  Snapshot,
  Split,
} from './model.ts'
import { comparePrecedence } from './precedence.ts'
import { buildRouter, type Router } from './router.ts'
import { SnapshotError } from './snapshot-error.ts'
import { problemsOfSnapshot } from './validate.ts'

/** A snapshot prepared for deciding. Immutable: a new snapshot or overlay makes a new table. */
export interface RoutingTable {
  readonly snapshot: Snapshot
  readonly router: Router<CompiledMapping>
  /** In the order of precedence. */
  readonly mappings: readonly CompiledMapping[]
  readonly byId: ReadonlyMap<string, CompiledMapping>
  /** Mappings whose share an overlay holds at 0. */
  readonly rolledBack: ReadonlySet<string>
  readonly callers: Callers
  /** Null when nobody has to show anything. */
  readonly auth: CompiledAuth | null
  /** How paths are read. */
  readonly paths: ReturnType<typeof pathPolicy>
  /** Exact hosts first, then the longer wildcard, then the environment's own. */
  readonly defaults: readonly DefaultService[]
}

export interface CompiledMapping {
  readonly rank: number
  readonly id: string
  readonly mapping: Mapping
  readonly match: CompiledMatch
  /** Its own split, or its group's. */
  readonly split: Split
  readonly salt: ByteString
  readonly segments: readonly { readonly id: string; readonly side: Side; readonly holds: Test }[]
}

export interface Callers {
  readonly keyDigests: ReadonlySet<string>
  readonly segment: Test | null
}

/** Throws `SnapshotError` when the snapshot does not hold together. */
export function compileSnapshot(snapshot: Snapshot): RoutingTable {
  const problems = problemsOfSnapshot(snapshot)
  if (problems.length > 0) throw new SnapshotError(problems)

  const groups = new Map(snapshot.groups.map((group) => [group.id, group.split]))
  const tests = new Map(
    snapshot.segments.map((segment) => [segment.id, { segment, holds: compileSegment(segment) }]),
  )
  const mappings = snapshot.mappings
    .map((mapping) => ({ id: mapping.id, mapping, match: compileMatch(mapping.match) }))
    .toSorted(comparePrecedence)
    .map((ranked, rank): CompiledMapping => {
      const split = splitOf(ranked.mapping, groups)
      const segments = ranked.mapping.segments.map((id) => {
        const { segment, holds } = known(tests.get(id), id)
        return { id, side: segment.side, holds }
      })
      return { ...ranked, rank, split, salt: saltOf(split.cohort), segments }
    })

  const auth = compileAuth(snapshot, (mapping) => splitOf(mapping, groups))
  return {
    snapshot,
    auth,
    paths: pathPolicy(snapshot.environment, auth?.hasChecks ?? false),
    router: buildRouter(mappings),
    mappings,
    byId: new Map(mappings.map((compiled) => [compiled.id, compiled])),
    rolledBack: new Set(),
    callers: compileCallers(snapshot.environment, tests),
    defaults: snapshot.environment.defaults.toSorted((a, b) => defaultClass(a) - defaultClass(b)),
  }
}

/**
 * The same table with the shares of these overlays' mappings and groups at 0; overlays given before no longer
 * count. Which overlays are still due (rule 19) is the caller's business. Shares the router, so it is cheap.
 */
export function withOverlays(table: RoutingTable, overlays: readonly Overlay[]): RoutingTable {
  const groupIds = new Set(overlays.flatMap((overlay) => overlay.groupIds))
  const rolledBack = new Set(overlays.flatMap((overlay) => overlay.mappingIds))
  if (groupIds.size > 0) {
    for (const { id, mapping } of table.mappings) {
      if ('groupId' in mapping.split && groupIds.has(mapping.split.groupId)) rolledBack.add(id)
    }
  }
  return { ...table, rolledBack }
}

/** What answers requests that no mapping matches (rule 3); null when there is none for this host. */
export function defaultServiceFor(table: RoutingTable, host: string): string | null {
  for (const { host: pattern, serviceId } of table.defaults) if (hostFits(pattern, host)) return serviceId
  return null
}

/** May this caller force a side or see debug headers (rules 10 and 11)? */
export function isAllowedCaller(table: RoutingTable, facts: Parameters<Test>[0]): boolean {
  const { keyDigests, segment } = table.callers
  if (facts.callerDigest !== null && keyDigests.has(facts.callerDigest)) return true
  return segment !== null && segment(facts)
}

function splitOf(mapping: Mapping, groups: ReadonlyMap<string, Split>): Split {
  if (!('groupId' in mapping.split)) return mapping.split
  return known(groups.get(mapping.split.groupId), mapping.split.groupId)
}

function compileCallers(
  { callers }: Environment,
  tests: ReadonlyMap<string, { readonly segment: Segment; readonly holds: Test }>,
): Callers {
  const segment =
    callers.segmentId === null ? null : known(tests.get(callers.segmentId), callers.segmentId).holds
  return { keyDigests: new Set(callers.keyDigests), segment }
}

function defaultClass({ host }: DefaultService): number {
  if (host === null) return 1_000
  return isWildcard(host) ? 999 - host.length : 0
}

/** References were checked before; a hole here is a bug of ours. */
function known<T>(value: T | undefined, id: string): T {
  if (value === undefined) throw new Error(`Unchecked reference to ${id}`)
  return value
}
