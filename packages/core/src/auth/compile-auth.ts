import type { Attribute, Environment, Identity, Mapping, Segment, Snapshot, Split } from '../model.ts'
import type { Check, EnvironmentAuth, Requirement } from './auth.ts'

/** What has to be known about a request's caller before it is decided. */
export interface Need {
  /** Null: anybody may call. */
  readonly requirement: Requirement | null
  /** Identity, segments or limits look at claims, so a token is verified if there is one. */
  readonly wantsClaims: boolean
}

/** The checks of a snapshot, ready for use. */
export interface CompiledAuth {
  readonly auth: EnvironmentAuth
  /** By mapping id; a mapping that needs nothing is not in it. */
  readonly needs: ReadonlyMap<string, Need>
  readonly unmapped: Need
  /** Who may force a side is told by a segment with claims. */
  readonly callersWantClaims: boolean
  /** Something here carries a check, so no path may have two readings (rule 4). */
  readonly hasChecks: boolean
}

export const NO_NEED: Need = { requirement: null, wantsClaims: false }

/** Null when nothing of a caller has to be known: then nobody pays for looking. */
export function compileAuth(
  { environment, segments, mappings }: Snapshot,
  splitOf: (mapping: Mapping) => Split,
): CompiledAuth | null {
  const { auth } = environment
  const byClaim = new Set(segments.filter(readsClaims).map(({ id }) => id))
  const needs = new Map<string, Need>()
  for (const mapping of mappings) {
    const requirement = requirementOf(checkOf(mapping, auth))
    const wantsClaims =
      isClaim(splitOf(mapping).identity) ||
      mapping.segments.some((id) => byClaim.has(id)) ||
      mapping.policy.limits.some(({ key }) => key !== null && isClaim(key))
    if (requirement !== null || wantsClaims) needs.set(mapping.id, { requirement, wantsClaims })
  }
  const unmapped: Need = { requirement: requirementOf(auth.unmapped), wantsClaims: false }
  const hasChecks = unmapped.requirement !== null || [...needs.values()].some(isChecked)
  const { segmentId } = environment.callers
  const callersWantClaims = segmentId !== null && byClaim.has(segmentId)
  // Without issuers there are no claims to look for.
  const looks = auth.issuers.length > 0 && (needs.size > 0 || callersWantClaims)
  return hasChecks || looks ? { auth, needs, unmapped, callersWantClaims, hasChecks } : null
}

/** What a mapping's callers must show, with the environment's filled in. */
export function checkOf({ policy }: Pick<Mapping, 'policy'>, auth: EnvironmentAuth): Check {
  return policy.auth === 'inherit' ? auth.mapped : policy.auth
}

/** How paths are read here: with checks no path may have two readings, unless `%2F` is kept explicitly (rule 4). */
export function pathPolicy(
  { paths }: Environment,
  hasChecks: boolean,
): { readonly encodedSlash: 'keep' | 'refuse'; readonly ambiguous: 'refuse' | 'pass-unmapped' } {
  const { encodedSlash, ambiguous } = paths
  const byDefault = hasChecks ? 'refuse' : 'keep'
  return {
    encodedSlash: encodedSlash === 'auto' ? byDefault : encodedSlash,
    ambiguous: hasChecks ? 'refuse' : ambiguous,
  }
}

export function readsClaims({ conditions }: Pick<Segment, 'conditions'>): boolean {
  return conditions.some(({ attribute }) => isClaim(attribute))
}

function isClaim({ kind }: Attribute | Identity): boolean {
  return kind === 'claim'
}

function isChecked({ requirement }: Need): boolean {
  return requirement !== null
}

function requirementOf(check: Check): Requirement | null {
  return check === 'none' ? null : check
}
