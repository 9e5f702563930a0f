import { changesChecks } from './auth/changes-checks.ts'
import { compileMatch, matchKey, type CompiledMatch } from './match.ts'
import {
  SIDES,
  WHOLE,
  type Mapping,
  type Match,
  type Segment,
  type Share,
  type Side,
  type Snapshot,
  type Split,
} from './model.ts'
import { mayMeet } from './overlap.ts'
import { isLoosened } from './policy/loosened.ts'
import { comparePrecedence, type Ranked } from './precedence.ts'
import { isSafe } from './safe-methods.ts'
import { same } from './same.ts'

/** Buckets from…to (half open) of a cohort that change side. */
export interface Move {
  readonly from: number
  readonly to: number
  readonly fromSide: Side
  readonly toSide: Side
}

/** Who moves in one mapping between two snapshots. */
export interface Moves {
  readonly mappingId: string
  readonly name: string
  readonly intervals: readonly Move[]
  /** Basis points of the mapping's traffic; an upper bound where `reshuffled`. */
  readonly toNew: Share
  readonly toLegacy: Share
  /** Buckets alone do not say who moves: cohort, identity, missing policy, match or segments change. */
  readonly reshuffled: boolean
  /** Somebody may move to new: what makes a change a raise (rule 21). */
  readonly raises: boolean
}

/** Mappings in which somebody may move, in the order of the later snapshot, removed ones last. */
export function moves(before: Snapshot, after: Snapshot): Moves[] {
  const [old, next] = [standings(before), standings(after)]
  const rerouted = [...new Set([...next.keys(), ...old.keys()])].filter((id) =>
    matchChanges(old.get(id), next.get(id)),
  )
  const found: Moves[] = []
  for (const id of new Set([...next.keys(), ...old.keys()])) {
    const was = old.get(id)
    const is = next.get(id)
    const change = merge(splitMoves(was, is), segmentMoves(was, is), reroutedMoves(id, rerouted, old, next))
    const named = is ?? was
    if (change && named) found.push({ mappingId: id, name: named.mapping.name, ...change })
  }
  return found
}

/** What a change raises, and how far (rule 21). */
export interface Raise {
  /** Null where checks of the whole environment change. */
  readonly mappingId: string | null
  readonly name: string
  /** The share that is on new afterwards; of what changes for traffic that stays, the share of that traffic. */
  readonly to: Share
  /** How much of the mapping's traffic meets something else than before; an upper bound. */
  readonly by: Share
}

/**
 * The mappings a change raises (rule 21): somebody may move to new, or service, rewrite, host or checks of a side
 * with traffic change, or a protection of one is removed or loosened. Empty for everything else.
 */
export function raises(before: Snapshot, after: Snapshot): Raise[] {
  const next = standings(after)
  const moved = moves(before, after).flatMap(({ mappingId, name, toNew, raises: isUp }): Raise[] => {
    const is = next.get(mappingId)
    return isUp ? [{ mappingId, name, by: toNew, to: Math.max(toNew, ...(is?.lanes ?? [])) }] : []
  })
  const swapped = swappedServices(before, after)
  const old = standings(before)
  const changed = [...next.values()].flatMap((is): Raise[] => {
    const was = old.get(is.mapping.id)
    if (!was || moved.some(({ mappingId }) => mappingId === is.mapping.id)) return []
    const hasTraffic = (side: Side) => trafficOn(is, side) > 0
    const isOther = (side: Side) =>
      !same(was.mapping[side], is.mapping[side]) || swapped.has(is.mapping[side].serviceId)
    const sides = isLoosened(was.mapping.policy, is.mapping.policy, hasTraffic)
      ? SIDES
      : SIDES.filter(isOther)
    const to = Math.max(0, ...sides.map((side) => trafficOn(is, side)))
    return to > 0 ? [{ mappingId: is.mapping.id, name: is.mapping.name, to, by: to }] : []
  })
  const found = [...moved, ...changed]
  if (!changesChecks(before, after)) return found
  return [...found, { mappingId: null, name: after.environment.name, to: WHOLE, by: WHOLE }]
}

export function isRaise(before: Snapshot, after: Snapshot): boolean {
  return raises(before, after).length > 0
}

/** Services that may lead somewhere else than before, or believe more: fewer instances lead nowhere new. */
function swappedServices(before: Snapshot, after: Snapshot): Set<string> {
  const old = new Map(before.services.map((service) => [service.id, service]))
  const swapped = after.services.filter((is) => {
    const was = old.get(is.id)
    if (!was) return false
    const hasNewInstance = is.instances.some((instance) => !was.instances.includes(instance))
    const { verify, ca, serverName } = was.tls
    const isBelievedMore =
      (verify && !is.tls.verify) || !same([ca, serverName], [is.tls.ca, is.tls.serverName])
    return hasNewInstance || isBelievedMore
  })
  return new Set(swapped.map(({ id }) => id))
}

/** What decides about the traffic of a mapping, with its group's split filled in. */
interface Standing {
  readonly mapping: Mapping
  readonly split: Split
  readonly segments: readonly Segment[]
  /** Shares of safe methods and of writes; they differ only in phased mappings. */
  readonly lanes: readonly [safe: Share, writes: Share]
}

type Change = Omit<Moves, 'mappingId' | 'name'>

function standings({ mappings, groups, segments }: Snapshot): Map<string, Standing> {
  const splits = new Map(groups.map((group) => [group.id, group.split]))
  const byId = new Map(segments.map((segment) => [segment.id, segment]))
  const result = new Map<string, Standing>()
  for (const mapping of mappings) {
    const split = 'groupId' in mapping.split ? splits.get(mapping.split.groupId) : mapping.split
    if (!split) continue
    result.set(mapping.id, {
      mapping,
      split,
      segments: mapping.segments.flatMap((id) => byId.get(id) ?? []),
      lanes: lanesOf(mapping, split.share),
    })
  }
  return result
}

function lanesOf({ pointOfNoReturn, writes, match }: Mapping, share: Share): Standing['lanes'] {
  if (pointOfNoReturn) return [WHOLE, WHOLE]
  if (writes.kind === 'with-share') return [share, share]
  const written = writes.phase === 'dual-new' || writes.phase === 'complete' ? WHOLE : 0
  if (match.methods.length > 0 && match.methods.every(isSafe)) return [share, share]
  if (match.methods.length > 0 && !match.methods.some(isSafe)) return [written, written]
  return [share, written]
}

/** Moves by share, cohort, identity, missing policy, write phase and match; a missing mapping means legacy. */
function splitMoves(was: Standing | undefined, is: Standing | undefined): Change | null {
  const [oldSafe, oldWrites] = was?.lanes ?? [0, 0]
  const [newSafe, newWrites] = is?.lanes ?? [0, 0]
  const comparable = !was || !is || sameBuckets(was.split, is.split)
  const changes = [laneMoves(oldSafe, newSafe, comparable)]
  if (oldWrites !== oldSafe || newWrites !== newSafe)
    changes.push(laneMoves(oldWrites, newWrites, comparable))
  if (was && is && missingMatters(was.split, is.split)) {
    changes.push(
      unclear(is.split.missing === 'legacy' ? 0 : newSafe, was.split.missing === 'legacy' ? 0 : oldSafe),
    )
  }
  // Requests that the match lost or gained came from, or went to, somewhere else.
  if (was && is && matchChanges(was, is))
    changes.push(unclear(Math.max(newSafe, newWrites), Math.max(oldSafe, oldWrites)))
  return merge(...changes)
}

function laneMoves(before: Share, after: Share, comparable: boolean): Change | null {
  const isEdge = (share: Share) => share === 0 || share === WHOLE
  if (comparable || isEdge(before) || isEdge(after)) {
    if (before === after) return null
    const [low, high] = before < after ? [before, after] : [after, before]
    const [fromSide, toSide] = before < after ? (['legacy', 'new'] as const) : (['new', 'legacy'] as const)
    const width = high - low
    return {
      intervals: [{ from: low, to: high, fromSide, toSide }],
      toNew: toSide === 'new' ? width : 0,
      toLegacy: toSide === 'legacy' ? width : 0,
      reshuffled: false,
      raises: toSide === 'new',
    }
  }
  // Two cohorts are independent of each other.
  return unclear(
    Math.round(((WHOLE - before) * after) / WHOLE),
    Math.round((before * (WHOLE - after)) / WHOLE),
  )
}

function unclear(toNew: Share, toLegacy: Share): Change | null {
  if (toNew === 0 && toLegacy === 0) return null
  return { intervals: [], toNew, toLegacy, reshuffled: true, raises: toNew > 0 }
}

/** The same request has the same bucket before and after. */
function sameBuckets(a: Split, b: Split): boolean {
  if (!same(a.identity, b.identity)) return false
  // Fresh entropy does not depend on the cohort.
  return a.identity.kind === 'request' || a.cohort === b.cohort
}

function missingMatters(a: Split, b: Split): boolean {
  const isEdge = (share: Share) => share === 0 || share === WHOLE
  const carriesIdentity = b.identity.kind === 'request' || b.identity.kind === 'client-ip'
  return a.missing !== b.missing && !carriesIdentity && !(isEdge(a.share) && isEdge(b.share))
}

/**
 * What may come of segments: a list that only gains legacy segments, or only loses new ones, can move nobody to
 * new, and the other way round.
 */
function segmentMoves(was: Standing | undefined, is: Standing | undefined): Change | null {
  const before = (was?.segments ?? []).map(meaningOf)
  const after = (is?.segments ?? []).map(meaningOf)
  if (same(before, after)) return null
  const has = (list: readonly Meaning[], item: Meaning) => list.some((other) => same(other, item))
  const kept = before.filter((item) => has(after, item))
  const reordered = !same(
    kept,
    after.filter((item) => has(before, item)),
  )
  const added = after.filter((item) => !has(before, item))
  const removed = before.filter((item) => !has(after, item))
  const some = (list: readonly Meaning[], side: Side) => list.some((item) => item.side === side)
  // Without a mapping everything is legacy: a new one moves nobody there, a removed one nobody away from it.
  const upward = is !== undefined && (reordered || some(added, 'new') || some(removed, 'legacy'))
  const downward = was !== undefined && (reordered || some(added, 'legacy') || some(removed, 'new'))
  return unclear(upward ? WHOLE : 0, downward ? WHOLE : 0)
}

type Meaning = Pick<Segment, 'side' | 'conditions'>

function meaningOf({ side, conditions }: Segment): Meaning {
  return { side, conditions }
}

function matchChanges(was: Standing | undefined, is: Standing | undefined): boolean {
  if (!was || !is) return true
  const positionOf = ({ path }: Match) => (path.kind === 'regex' ? path.position : 0)
  const [a, b] = [was.mapping.match, is.mapping.match]
  return matchKey(a) !== matchKey(b) || positionOf(a) !== positionOf(b) || !same(a.methods, b.methods)
}

/**
 * Traffic that changes hands between mappings because one of them came, went or got another match: what this
 * mapping takes from others, and what it gets when they let go.
 */
function reroutedMoves(
  id: string,
  rerouted: readonly string[],
  old: ReadonlyMap<string, Standing>,
  next: ReadonlyMap<string, Standing>,
): Change | null {
  const is = next.get(id)
  if (!is) return null
  const changes: (Change | null)[] = []
  for (const otherId of rerouted) {
    if (otherId === id) continue
    const giver = old.get(otherId)
    if (giver && !sameTraffic(giver, is) && goesBefore(giver, is)) changes.push(handedOver(giver, is))
  }
  if (rerouted.includes(id)) {
    for (const [otherId, giver] of old) {
      if (otherId === id || sameTraffic(giver, is) || !goesBefore(is, giver)) continue
      changes.push(handedOver(giver, is))
    }
  }
  return merge(...changes)
}

/** Both leave everything with legacy, or everything with new: then it does not matter whose it is. */
function sameTraffic(a: Standing, b: Standing): boolean {
  const shares = new Set([...a.lanes, ...b.lanes])
  return shares.size === 1 && (shares.has(0) || shares.has(WHOLE))
}

function goesBefore(first: Standing, second: Standing): boolean {
  const [a, b] = [ranked(first.mapping), ranked(second.mapping)]
  return comparePrecedence(a, b) < 0 && mayMeet(a.match, b.match)
}

// Only changes of matches need them compiled, and then many times over.
const compiled = new WeakMap<Match, CompiledMatch>()

function ranked({ id, match }: Mapping): Ranked {
  let ready = compiled.get(match)
  if (!ready) compiled.set(match, (ready = compileMatch(match)))
  return { id, match: ready }
}

function handedOver(giver: Standing, taker: Standing): Change | null {
  const before = Math.max(...giver.lanes)
  const after = Math.max(...taker.lanes)
  return unclear(before === WHOLE ? 0 : after, after === WHOLE ? 0 : before)
}

/** How much of a mapping's traffic a side may have. */
function trafficOn({ lanes, segments }: Standing, side: Side): Share {
  if (segments.some((segment) => segment.side === side)) return WHOLE
  return side === 'new' ? Math.max(...lanes) : WHOLE - Math.min(...lanes)
}

/** Several changes of one mapping as one; where they overlap the larger bound stands. */
function merge(...changes: readonly (Change | null)[]): Change | null {
  const real = changes.filter((change) => change !== null)
  if (real.length === 0) return null
  const intervals = real.flatMap((change) => change.intervals)
  return {
    intervals: intervals.filter((move, i) => intervals.findIndex((other) => same(other, move)) === i),
    toNew: Math.max(...real.map((change) => change.toNew)),
    toLegacy: Math.max(...real.map((change) => change.toLegacy)),
    reshuffled: real.some((change) => change.reshuffled),
    raises: real.some((change) => change.raises),
  }
}
