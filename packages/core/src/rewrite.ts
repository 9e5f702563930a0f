import { hasDotSegment } from './canonical-path.ts'
import type { Match, PathPattern, Rewrite, Target } from './model.ts'
import { compilePath } from './path-pattern.ts'
import { escapedText, parseRewrite, type RewritePiece } from './rewrite-template.ts'

/** What of a decision a rewrite needs. `path` is the path as received, `query` raw without `?`. */
export interface Rewritten {
  readonly match: Match
  readonly params: Readonly<Record<string, string>>
  readonly path: string
  readonly query: string
}

/**
 * A rewrite would make a path that can be read two ways, such as `/x/../y` out of a regex group that caught two
 * dots. To be answered like any other ambiguous path (rule 4).
 */
export class AmbiguousRewrite extends Error {
  override readonly name = 'AmbiguousRewrite'
}

/** Path and query to send to a side (rule 5), made of received, still encoded parts. */
export function rewriteTarget(target: Pick<Target, 'rewrite'>, request: Rewritten): string {
  const path = rewritePath(target.rewrite, request)
  const query = editQuery(target.rewrite.query, request.query)
  return query === '' ? path : `${path}?${query}`
}

/** False when the target may be forwarded exactly as received. */
export function changesTarget({ path, query }: Rewrite): boolean {
  return path !== null || query.drop.length > 0 || Object.keys(query.set).length > 0
}

function rewritePath({ path: rewrite }: Rewrite, request: Rewritten): string {
  if (rewrite === null) return request.path
  const path =
    rewrite.kind === 'prefix'
      ? swapPrefix(request.match, rewrite.to, request.path)
      : fill(
          remembered(pieces, rewrite, () => parseRewrite(rewrite.template)),
          request.params,
        )
  if (hasDotSegment(path)) throw new AmbiguousRewrite('The rewritten path has a dot segment')
  return path
}

/** `set` replaces all values of a name and stands at the end; everything else keeps its bytes and order. */
function editQuery(edits: Rewrite['query'], query: string): string {
  const set = Object.entries(edits.set)
  if (set.length === 0 && edits.drop.length === 0) return query
  const gone = new Set([...edits.drop, ...set.map(([name]) => name)])
  const kept = query === '' ? [] : query.split('&').filter((pair) => !gone.has(nameOf(pair)))
  const added = set.map(([name, value]) => `${encodeURIComponent(name)}=${encodeURIComponent(value)}`)
  return [...kept, ...added].join('&')
}

function fill(template: readonly RewritePiece[], params: Readonly<Record<string, string>>): string {
  let path = ''
  for (const piece of template) path += 'param' in piece ? (params[piece.param] ?? '') : piece.literal
  return path
}

/** Keeps the remainder as received, with its doubled slashes and escapes. */
function swapPrefix(match: Match, to: string, received: string): string {
  const segments = remembered(prefixLengths, match.path, () => {
    const compiled = compilePath(match.path)
    return compiled.kind === 'prefix' ? compiled.segments.length : 0
  })
  const swapped = escapedText(to).replace(/\/+$/, '') + received.slice(endOfSegment(received, segments))
  return swapped === '' ? '/' : swapped
}

// Snapshots never change, so what is read out of one may be kept for as long as it lives.
const pieces = new WeakMap<object, readonly RewritePiece[]>()
const prefixLengths = new WeakMap<PathPattern, number>()

function remembered<K extends object, V>(memory: WeakMap<K, V>, key: K, make: () => V): V {
  let value = memory.get(key)
  if (value === undefined) memory.set(key, (value = make()))
  return value
}

/** Where the n-th segment of a received path ends. */
function endOfSegment(received: string, n: number): number {
  let at = 0
  for (let i = 0; i < n; i++) {
    while (received[at] === '/') at++
    const slash = received.indexOf('/', at)
    at = slash === -1 ? received.length : slash
  }
  return at
}

function nameOf(pair: string): string {
  const equals = pair.indexOf('=')
  const name = equals === -1 ? pair : pair.slice(0, equals)
  try {
    return decodeURIComponent(name.replaceAll('+', ' '))
  } catch {
    return name
  }
}
