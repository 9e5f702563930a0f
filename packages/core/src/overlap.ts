import { compileMatch, isWildcard, matchKey, methodsOverlap, type CompiledMatch } from './match.ts'
import type { Match } from './model.ts'
import { pathFits, type CompiledPath, type Segment } from './path-pattern.ts'
import { comparePrecedence } from './precedence.ts'
import { literalPrefixOf } from './regex.ts'

export interface Overlap<T> {
  readonly other: T
  /** Who answers a request that both match. */
  readonly winner: 'this' | 'other'
  /** Same host and path: such a pair may not share a method (rule 2). */
  readonly sameMatch: boolean
}

/**
 * Mappings that some request could fit as well as `match`. Where a regex is involved it errs towards yes: only
 * text the regex must begin with is compared. `id` is null for a mapping that has none yet.
 */
export function overlaps<T extends { readonly id: string; readonly match: Match }>(
  match: Match,
  others: readonly T[],
  id: string | null = null,
): Overlap<T>[] {
  const self = { id: id ?? '\uffff', match: compileMatch(match) }
  const key = matchKey(match)
  return others.flatMap((other) => {
    if (other.id === id) return []
    const theirs = { id: other.id, match: compileMatch(other.match) }
    if (!mayMeet(self.match, theirs.match)) return []
    const winner = comparePrecedence(self, theirs) < 0 ? 'this' : 'other'
    return [{ other, winner, sameMatch: matchKey(other.match) === key }]
  })
}

/** Whether some request may fit both; never a false no. */
export function mayMeet(a: CompiledMatch, b: CompiledMatch): boolean {
  return methodsOverlap(a.methods, b.methods) && hostsMeet(a.host, b.host) && pathsMeet(a.path, b.path)
}

function hostsMeet(a: string | null, b: string | null): boolean {
  if (a === null || b === null || a === b) return true
  const [wildA, wildB] = [isWildcard(a), isWildcard(b)]
  if (wildA && wildB) return a.endsWith(b.slice(1)) || b.endsWith(a.slice(1))
  if (wildA) return b.endsWith(a.slice(1))
  return wildB && a.endsWith(b.slice(1))
}

function pathsMeet(a: CompiledPath, b: CompiledPath): boolean {
  if (a.kind === 'exact') return pathFits(b, a.path)
  if (b.kind === 'exact') return pathFits(a, b.path)
  if (a.kind === 'regex' || b.kind === 'regex') return beginningsMeet(beginningOf(a), beginningOf(b))
  return segmentsMeet(a, b)
}

interface SegmentPath {
  readonly kind: 'prefix' | 'template'
  readonly segments: readonly Segment[]
  readonly rest: string | null
}

function segmentsMeet(a: SegmentPath, b: SegmentPath): boolean {
  const [short, long] = a.segments.length <= b.segments.length ? [a, b] : [b, a]
  const agree = short.segments.every((segment, i) => {
    const other = long.segments[i]
    return other !== undefined && segmentMeets(segment, other)
  })
  if (!agree) return false
  if (short.segments.length < long.segments.length) return isOpen(short)
  // Of equal length: a `*rest` asks for one segment more than a closed template has.
  const asksMore = (path: SegmentPath) => path.rest !== null
  const isClosed = (path: SegmentPath) => !isOpen(path)
  return !((asksMore(a) && isClosed(b)) || (asksMore(b) && isClosed(a)))
}

function segmentMeets(a: Segment, b: Segment): boolean {
  if (a.kind === 'literal' && b.kind === 'literal') return a.text === b.text
  if (a.kind === 'literal') return a.text !== ''
  return b.kind !== 'literal' || b.text !== ''
}

function isOpen(path: SegmentPath): boolean {
  return path.kind === 'prefix' || path.rest !== null
}

/** Text a path must begin with to fit. */
function beginningOf(path: CompiledPath): string {
  if (path.kind === 'exact') return path.path
  if (path.kind === 'regex') return literalPrefixOf(path.pattern)
  const open = path.segments.findIndex((segment) => segment.kind === 'parameter')
  const literals = (open === -1 ? path.segments : path.segments.slice(0, open)).map((segment) =>
    segment.kind === 'literal' ? segment.text : '',
  )
  const more = open !== -1 || path.rest !== null
  return `/${literals.join('/')}${more && literals.length > 0 ? '/' : ''}`
}

function beginningsMeet(a: string, b: string): boolean {
  return a.startsWith(b) || b.startsWith(a)
}
