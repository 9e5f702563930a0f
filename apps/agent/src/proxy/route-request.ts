import type { ProblemCode } from '@crossfade/contracts/problems'
import type { Via } from '@crossfade/contracts/stats'
import type { PathReading } from '@crossfade/core/canonical-path'
import { decide } from '@crossfade/core/decide'
import type { Decision, Environment, Mapping, Reason, RequestFacts, Target } from '@crossfade/core/model'
import { legacyMayAnswer } from '@crossfade/core/policy/resilience'
import { AmbiguousRewrite, changesTarget, rewriteTarget } from '@crossfade/core/rewrite'
import { defaultServiceFor, type RoutingTable } from '@crossfade/core/routing-table'
import { slipsPast } from '@crossfade/core/slips-past'
import type { Caller } from '../callers/callers.ts'
import type { Withheld } from '../callers/credentials.ts'
import type { RequestHead } from './check-request.ts'
import { debugHeaders } from './debug-headers.ts'
import { UNMAPPED, type Label } from './label.ts'
import { readPath } from './read-path.ts'
import { refuseCaller, type CallerCode } from './refuse-caller.ts'
import { requestFacts } from './request-facts.ts'

/** The decision about one request, worked out as far as it can be without knowing the instance. */
export interface Route {
  readonly kind: 'route'
  readonly label: Label
  readonly serviceId: string
  readonly head: RequestHead
  readonly environment: Environment
  readonly facts: RequestFacts
  /** Path and query to send. */
  readonly target: string
  /** What is done for a mapped request; null for one that goes untouched to a default service. */
  readonly mapped: Mapped | null
  /** Answer headers for an allowed caller who asked (rule 11), a flat list; else empty. */
  readonly debug: readonly string[]
  /** Credentials that the service is not to see; null for none. */
  readonly withheld: Withheld | null
}

export interface Mapped {
  readonly mapping: Mapping
  readonly target: Target
  readonly reason: Reason
  readonly params: Readonly<Record<string, string>>
  readonly reading: PathReading
}

export interface NoRoute {
  readonly kind: 'no-route'
  readonly label: Label
  readonly code: ProblemCode
  readonly detail?: string
  /** Why a path can be read two ways (rule 4). */
  readonly why?: keyof typeof WHY
  /** For `WWW-Authenticate`. */
  readonly challenges?: readonly string[]
  readonly retryAfterMs?: number
  /** A caller who may not go on, and what the request was for. */
  readonly refused?: { readonly mappingId: string | null; readonly code: CallerCode }
}

export interface RouteParts {
  /** RFC 5952 form of the socket's peer. */
  readonly peer: string
  readonly now: number
  readonly random: () => number
  /** Null where nobody had to ask. */
  readonly caller: Caller | null
}

/** Reads the path once, asks `decide`, and rewrites the target; decides nothing itself. */
export function routeRequest(table: RoutingTable, head: RequestHead, parts: RouteParts): Route | NoRoute {
  const { environment } = table.snapshot
  const reading = readPath(head.target, table)
  const refused = reading.kind === 'ambiguous' && table.paths.ambiguous === 'refuse'
  if (refused) return ambiguous(UNMAPPED, reading.why)

  const { caller, ...rest } = parts
  const claims = caller?.claims
  const facts = requestFacts({ head, environment, path: reading, claims, ...rest })
  const decision = reading.kind === 'ambiguous' ? unmapped(table, facts) : decide(table, facts)
  if (reading.kind === 'clear' && slipsPast(table, facts, decision))
    return ambiguous(UNMAPPED, 'encoded-slash')
  if (caller !== null && caller.refusal !== null) return refuseCaller(caller.refusal)
  if (decision.kind === 'no-default-service') {
    return { kind: 'no-route', label: UNMAPPED, code: 'no_default_service' }
  }
  const debug = debugHeaders(table, facts, decision)
  const withheld = caller?.withheld ?? null
  if (decision.kind === 'default') {
    const { serviceId } = decision
    const { target } = head
    return {
      kind: 'route',
      label: UNMAPPED,
      serviceId,
      head,
      environment,
      facts,
      target,
      mapped: null,
      debug,
      withheld,
    }
  }

  const { mapping, side } = decision
  const label: Label = { mappingId: mapping.id, side, via: viaOf(decision) }
  const mapped = {
    mapping,
    reason: decision.reason,
    target: side === 'new' ? mapping.new : mapping.legacy,
    params: decision.params,
    reading,
  }
  const target = targetOf(mapped, head)
  if (target === null) return ambiguous(label, 'dot-segment')
  return {
    kind: 'route',
    label,
    serviceId: mapped.target.serviceId,
    head,
    environment,
    facts,
    target,
    mapped,
    debug,
    withheld,
  }
}

const WHY = {
  'dot-segment': 'The path has dot segments',
  backslash: 'The path has a backslash',
  control: 'The path has control characters',
  'bad-escape': 'The path has a broken escape',
  'encoded-slash': 'The path has an encoded slash',
  fragment: 'The path has a fragment',
} as const satisfies Record<Extract<PathReading, { kind: 'ambiguous' }>['why'], string>

function ambiguous(label: Label, why: keyof typeof WHY): NoRoute {
  return { kind: 'no-route', label, code: 'ambiguous_path', detail: WHY[why], why }
}

/** An environment may let ambiguous paths pass, but never to a mapping (rule 4). */
function unmapped(table: RoutingTable, facts: RequestFacts): Exclude<Decision, { kind: 'mapped' }> {
  const { revision } = table.snapshot
  const serviceId = defaultServiceFor(table, facts.host)
  return serviceId === null
    ? { kind: 'no-default-service', revision }
    : { kind: 'default', revision, serviceId }
}

/**
 * What becomes of a request that has been through us before: a loop, unless its mapping says that what comes back
 * from a service goes to legacy (rule 32). Once; a second time it is a loop all the same.
 */
export function sentBack(found: Route | NoRoute, timesPassed: number): Route | NoRoute {
  if (timesPassed === 0) return found
  const mapping = found.kind === 'route' ? found.mapped?.mapping : undefined
  if (found.kind === 'route' && timesPassed === 1 && mapping?.policy.loopsBackToLegacy === true) {
    const mayReach = found.label.side === 'legacy' || legacyMayAnswer(mapping, found.head.method)
    const route = mayReach ? viaLegacy(found) : null
    if (route !== null) return { ...route, label: { mappingId: mapping.id, side: 'legacy', via: 'steered' } }
  }
  return { kind: 'no-route', label: UNMAPPED, code: 'loop_detected' }
}

/** The same route to the mapping's legacy side; null when its rewrite makes a path that can be read two ways. */
export function viaLegacy(route: Route): Route | null {
  if (route.mapped === null) return route
  const { mapping } = route.mapped
  const mapped = { ...route.mapped, target: mapping.legacy }
  const target = targetOf(mapped, route.head)
  return target === null ? null : { ...route, mapped, target, serviceId: mapping.legacy.serviceId }
}

/** Null when the rewrite makes a path that can be read two ways. */
function targetOf({ mapping, target, params, reading }: Mapped, head: RequestHead): string | null {
  if (!changesTarget(target.rewrite)) return head.target
  const { received, query } = reading
  try {
    return rewriteTarget(target, { match: mapping.match, params, path: received, query })
  } catch (error) {
    if (error instanceof AmbiguousRewrite) return null
    throw error
  }
}

function viaOf({ reason }: Extract<Decision, { kind: 'mapped' }>): Via {
  switch (reason.kind) {
    case 'nobody':
    case 'everybody':
    case 'bucket':
    case 'missing-identity':
      return 'split'
    default:
      return 'steered'
  }
}
