import { bytesOfText } from './bytes.ts'
import { alignment, canonical } from './canonical-path.ts'
import type { PathPattern } from './model.ts'
import { compileRegex, type PathRegex, type Span } from './regex.ts'

/** One segment of a prefix or template: literal text in canonical spelling, or a parameter's name. */
export type Segment =
  | { readonly kind: 'literal'; readonly text: string }
  | { readonly kind: 'parameter'; readonly name: string }

/** A path pattern ready for matching against canonical paths. */
export type CompiledPath =
  | { readonly kind: 'exact'; readonly path: string }
  /** A prefix has only literals and no `rest`; a template with `rest` matches any remainder after a slash. */
  | {
      readonly kind: 'prefix' | 'template'
      readonly segments: readonly Segment[]
      readonly rest: string | null
      readonly literals: number
    }
  | { readonly kind: 'regex'; readonly regex: PathRegex; readonly pattern: string; readonly position: number }

const NO_PARAMS: Readonly<Record<string, string>> = Object.freeze({})

/** Expects a pattern that `problemsOfMatch` has nothing against. */
export function compilePath(pattern: PathPattern): CompiledPath {
  switch (pattern.kind) {
    case 'exact':
      return { kind: 'exact', path: literalOf(pattern.path) }
    case 'prefix': {
      const stem = literalOf(pattern.path).replace(/\/$/, '')
      const segments = splitPath(stem).map((text) => ({ kind: 'literal', text }) as const)
      return { kind: 'prefix', segments, rest: null, literals: segments.length }
    }
    case 'template': {
      const segments = templateSegments(pattern.template)
      const last = segments.at(-1)
      const rest = last?.startsWith('*') ? last.slice(1) : null
      const parsed = (rest === null ? segments : segments.slice(0, -1)).map(segmentOf)
      const literals = parsed.filter((segment) => segment.kind === 'literal').length
      return { kind: 'template', segments: parsed, rest, literals }
    }
    case 'regex': {
      const { pattern: text, position } = pattern
      return { kind: 'regex', regex: compileRegex(text), pattern: text, position }
    }
  }
}

/** The plain meaning of a pattern; the indexed router must agree with it. */
export function pathFits(pattern: CompiledPath, path: string): boolean {
  switch (pattern.kind) {
    case 'exact':
      return pattern.path === path
    case 'regex':
      return pattern.regex.test(path)
    case 'prefix':
      return startsLike(pattern.segments, splitPath(path))
    case 'template': {
      const segments = splitPath(path)
      const longEnough =
        pattern.rest === null
          ? segments.length === pattern.segments.length
          : segments.length > pattern.segments.length
      return longEnough && startsLike(pattern.segments, segments)
    }
  }
}

/** Parameters of a path that fits, in received, still encoded form. */
export function paramsOf(
  pattern: CompiledPath,
  path: string,
  received: string,
): Readonly<Record<string, string>> {
  if (pattern.kind === 'exact' || pattern.kind === 'prefix') return NO_PARAMS
  const spans = pattern.kind === 'regex' ? pattern.regex.capture(path) : templateSpans(pattern, path)
  if (spans.length === 0) return NO_PARAMS

  const starts = path === received ? null : alignment(received)
  const params: Record<string, string> = {}
  for (const [name, start, end] of spans) {
    params[name] = starts ? received.slice(starts[start], starts[end]) : path.slice(start, end)
  }
  return params
}

/** Names a rewrite may use. */
export function paramNamesOf(pattern: CompiledPath): readonly string[] {
  if (pattern.kind === 'exact') return []
  if (pattern.kind === 'regex') return pattern.regex.groups
  const names = pattern.segments.flatMap((segment) => (segment.kind === 'parameter' ? [segment.name] : []))
  return pattern.rest === null ? names : [...names, pattern.rest]
}

/** Segments after the leading slash: `/a/b` → a, b; `/a/` → a and an empty one; the empty stem → none. */
export function splitPath(path: string): string[] {
  return path === '' ? [] : path.slice(1).split('/')
}

/** Literal text of a pattern, typed by a person, in the spelling canonical paths have. */
function literalOf(text: string): string {
  return canonical(bytesOfText(text))
}

/** Segments as written, with runs of slashes merged. */
export function templateSegments(template: string): string[] {
  return splitPath(template.replace(/\/{2,}/g, '/'))
}

function segmentOf(text: string): Segment {
  if (text.startsWith(':')) return { kind: 'parameter', name: text.slice(1) }
  return { kind: 'literal', text: literalOf(text) }
}

function startsLike(pattern: readonly Segment[], segments: readonly string[]): boolean {
  return pattern.every((expected, i) => {
    const actual = segments[i]
    if (actual === undefined) return false
    return expected.kind === 'literal' ? expected.text === actual : actual !== ''
  })
}

function templateSpans(
  pattern: Extract<CompiledPath, { kind: 'prefix' | 'template' }>,
  path: string,
): Span[] {
  const spans: Span[] = []
  let start = 1
  for (const segment of pattern.segments) {
    const slash = path.indexOf('/', start)
    const end = slash === -1 ? path.length : slash
    if (segment.kind === 'parameter') spans.push([segment.name, start, end])
    start = end + 1
  }
  if (pattern.rest !== null) spans.push([pattern.rest, start, path.length])
  return spans
}
