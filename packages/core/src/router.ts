import { isWildcard, methodFits, type CompiledMatch } from './match.ts'
import type { PathRegex } from './regex.ts'
import { splitPath } from './path-pattern.ts'
import { literalPrefixOf } from './regex.ts'

/** A mapping in the order of precedence: `rank` 0 goes before everything else that fits the same request. */
export interface Routed {
  readonly rank: number
  readonly match: CompiledMatch
}

export interface Router<T extends Routed> {
  /** The entry with the lowest rank that fits. Host in lower case, path canonical. */
  find(host: string, path: string, method: string): T | null
}

/**
 * Finds without looking at every mapping: a map per host, a map per exact path, a tree of segments for the rest.
 * Regexes hang in the tree below the literal text they must begin with. Agrees with `reference.ts`, always.
 * `entries` are sorted by rank.
 */
export function buildRouter<T extends Routed>(entries: readonly T[]): Router<T> {
  const exactHosts = new Map<string, HostIndex<T>>()
  const wildcards = new Map<string, HostIndex<T>>()
  const anyHost = new HostIndex<T>()
  for (const entry of entries) {
    const { host } = entry.match
    if (host === null) anyHost.add(entry)
    else if (isWildcard(host)) indexFor(wildcards, host.slice(1)).add(entry)
    else indexFor(exactHosts, host).add(entry)
  }

  return {
    find(host, path, method) {
      // The `*` of `OPTIONS *` is no path, so no mapping can be about it.
      if (!path.startsWith('/')) return null
      const exact = exactHosts.get(host)?.find(path, method)
      if (exact) return exact
      if (wildcards.size > 0) {
        for (let dot = host.indexOf('.', 1); dot !== -1; dot = host.indexOf('.', dot + 1)) {
          const found = wildcards.get(host.slice(dot))?.find(path, method)
          if (found) return found
        }
      }
      return anyHost.find(path, method)
    },
  }
}

function indexFor<T extends Routed>(indexes: Map<string, HostIndex<T>>, key: string): HostIndex<T> {
  let index = indexes.get(key)
  if (!index) indexes.set(key, (index = new HostIndex<T>()))
  return index
}

/** All mappings of one host pattern. Lists stay in the order of precedence because they are filled in it. */
class HostIndex<T extends Routed> {
  readonly #exact = new Map<string, T[]>()
  readonly #tree = newNode<T>()

  add(entry: T): void {
    const { path } = entry.match
    switch (path.kind) {
      case 'exact': {
        const list = this.#exact.get(path.path)
        if (list) list.push(entry)
        else this.#exact.set(path.path, [entry])
        return
      }
      case 'prefix':
      case 'template': {
        const node = grow(
          this.#tree,
          path.segments.map((segment) => (segment.kind === 'literal' ? segment.text : null)),
          entry.rank,
        )
        if (path.kind === 'prefix') node.prefixes.push(entry)
        else if (path.rest === null) node.ends.push(entry)
        else node.rests.push(entry)
        return
      }
      case 'regex': {
        const literal = literalPrefixOf(path.pattern)
        // The last piece may go on in the path, so only the segments before it are certain.
        const whole = splitPath(literal.startsWith('/') ? literal : '').slice(0, -1)
        grow(this.#tree, whole, Number.POSITIVE_INFINITY).regexes.push({ entry, literal, regex: path.regex })
      }
    }
  }

  find(path: string, method: string): T | null {
    const exact = firstWithMethod(this.#exact.get(path), method)
    if (exact) return exact
    const search: Search<T> = { path, method, best: null, regexes: [] }
    walk(this.#tree, 0, search)
    return search.best ?? firstRegex(search)
  }
}

interface Node<T> {
  /** Lowest rank among templates and prefixes here and below: lets a search skip what cannot win. */
  lowest: number
  readonly literal: Map<string, Node<T>>
  parameter: Node<T> | null
  readonly ends: T[]
  readonly rests: T[]
  readonly prefixes: T[]
  readonly regexes: RegexEntry<T>[]
}

interface RegexEntry<T> {
  readonly entry: T
  readonly literal: string
  readonly regex: PathRegex
}

interface Search<T> {
  readonly path: string
  readonly method: string
  best: T | null
  readonly regexes: RegexEntry<T>[]
}

function newNode<T>(): Node<T> {
  return {
    lowest: Number.POSITIVE_INFINITY,
    literal: new Map(),
    parameter: null,
    ends: [],
    rests: [],
    prefixes: [],
    regexes: [],
  }
}

/** The node for these segments (null is a parameter), made where missing. */
function grow<T>(root: Node<T>, segments: readonly (string | null)[], rank: number): Node<T> {
  let node = root
  node.lowest = Math.min(node.lowest, rank)
  for (const segment of segments) {
    let next = segment === null ? node.parameter : node.literal.get(segment)
    if (!next) {
      next = newNode<T>()
      if (segment === null) node.parameter = next
      else node.literal.set(segment, next)
    }
    node = next
    node.lowest = Math.min(node.lowest, rank)
  }
  return node
}

/** `slash` is where the next segment's slash stands, or the path's length at its end. */
function walk<T extends Routed>(node: Node<T>, slash: number, search: Search<T>): void {
  for (const regex of node.regexes) search.regexes.push(regex)
  consider(node.prefixes, search)
  if (slash >= search.path.length) {
    consider(node.ends, search)
    return
  }
  consider(node.rests, search)

  const next = search.path.indexOf('/', slash + 1)
  const end = next === -1 ? search.path.length : next
  if (node.literal.size > 0) {
    const child = node.literal.get(search.path.slice(slash + 1, end))
    if (child) walk(child, end, search)
  }
  const { parameter } = node
  if (parameter && end > slash + 1 && (search.best === null || parameter.lowest < search.best.rank)) {
    walk(parameter, end, search)
  }
}

function consider<T extends Routed>(entries: readonly T[], search: Search<T>): void {
  const found = firstWithMethod(entries, search.method)
  if (found && (search.best === null || found.rank < search.best.rank)) search.best = found
}

function firstWithMethod<T extends Routed>(entries: readonly T[] | undefined, method: string): T | null {
  if (!entries) return null
  for (const entry of entries) if (methodFits(entry.match.methods, method)) return entry
  return null
}

/** Regexes come after every other kind of path, so they only run when nothing else fits. */
function firstRegex<T extends Routed>({ regexes, path, method }: Search<T>): T | null {
  if (regexes.length > 1) regexes.sort((a, b) => a.entry.rank - b.entry.rank)
  for (const { entry, literal, regex } of regexes) {
    if (methodFits(entry.match.methods, method) && path.startsWith(literal) && regex.test(path)) return entry
  }
  return null
}
