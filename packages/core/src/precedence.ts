import { isWildcard, type CompiledMatch } from './match.ts'
import type { CompiledPath } from './path-pattern.ts'

/** Why one match goes before another, in the words of rule 2. */
export type Advantage =
  | 'host'
  | 'longer wildcard'
  | 'path kind'
  | 'more literal segments'
  | 'leftmost literal'
  | 'position'
  | 'fewer methods'
  | 'smaller id'

export interface Ranked {
  readonly id: string
  readonly match: CompiledMatch
}

/**
 * The order among mappings that fit the same request (rule 2): below 0 when `a` goes first. It looks at nothing
 * of the request, so a snapshot can be sorted once.
 */
export function comparePrecedence(a: Ranked, b: Ranked): number {
  return firstDifference(a, b)?.order ?? 0
}

/** What puts `winner` before `loser`; null when they are the same mapping. */
export function advantageOf(winner: Ranked, loser: Ranked): Advantage | null {
  return firstDifference(winner, loser)?.by ?? null
}

function firstDifference(a: Ranked, b: Ranked): { order: number; by: Advantage } | null {
  for (const [by, compare] of CRITERIA) {
    const order = compare(a, b)
    if (order !== 0) return { order, by }
  }
  return null
}

const CRITERIA: readonly (readonly [Advantage, (a: Ranked, b: Ranked) => number])[] = [
  ['host', (a, b) => hostClass(a.match.host) - hostClass(b.match.host)],
  ['longer wildcard', (a, b) => (b.match.host?.length ?? 0) - (a.match.host?.length ?? 0)],
  ['path kind', (a, b) => pathClass(a.match.path) - pathClass(b.match.path)],
  ['more literal segments', (a, b) => literalsOf(b.match.path) - literalsOf(a.match.path)],
  ['leftmost literal', (a, b) => compareText(shapeOf(a.match.path), shapeOf(b.match.path))],
  ['position', (a, b) => positionOf(a.match.path) - positionOf(b.match.path)],
  ['fewer methods', (a, b) => methodCount(a.match) - methodCount(b.match)],
  ['smaller id', (a, b) => compareText(a.id, b.id)],
]

/** Exact, wildcard, any. Two different exact hosts never meet in one request. */
function hostClass(host: string | null): number {
  if (host === null) return 2
  return isWildcard(host) ? 1 : 0
}

function pathClass(path: CompiledPath): number {
  switch (path.kind) {
    case 'exact':
      return 0
    case 'template':
      return path.rest === null ? 1 : 2
    case 'prefix':
      return 2
    case 'regex':
      return 3
  }
}

function literalsOf(path: CompiledPath): number {
  return path.kind === 'template' || path.kind === 'prefix' ? path.literals : 0
}

/** Literals as 0, parameters as 1: the smaller text has its first literal further left. */
function shapeOf(path: CompiledPath): string {
  if (path.kind !== 'template' || path.rest !== null) return ''
  return path.segments.map((segment) => (segment.kind === 'literal' ? '0' : '1')).join('')
}

function positionOf(path: CompiledPath): number {
  return path.kind === 'regex' ? path.position : 0
}

/** Empty means any, which is the largest set. */
function methodCount(match: CompiledMatch): number {
  return match.methods.length || Number.MAX_SAFE_INTEGER
}

function compareText(a: string, b: string): number {
  if (a === b) return 0
  return a < b ? -1 : 1
}
