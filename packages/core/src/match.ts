import type { Match, RequestFacts } from './model.ts'
import { compilePath, pathFits, type CompiledPath } from './path-pattern.ts'

/** A match ready for use. */
export interface CompiledMatch {
  readonly methods: readonly string[]
  readonly host: string | null
  readonly path: CompiledPath
}

export function compileMatch(match: Match): CompiledMatch {
  return { methods: match.methods, host: match.host, path: compilePath(match.path) }
}

/**
 * Host, path and methods filter; which of those that fit wins is for `precedence.ts` (rule 2). The `*` of
 * `OPTIONS *` is no path, so nothing fits it.
 */
export function fits(match: CompiledMatch, facts: Pick<RequestFacts, 'host' | 'path' | 'method'>): boolean {
  const { host, path, method } = facts
  if (!path.startsWith('/')) return false
  return hostFits(match.host, host) && methodFits(match.methods, method) && pathFits(match.path, path)
}

/** `*.example.com` covers every name below `example.com`, never `example.com` itself. */
export function hostFits(pattern: string | null, host: string): boolean {
  if (pattern === null) return true
  return isWildcard(pattern)
    ? host.endsWith(pattern.slice(1)) && host.length >= pattern.length
    : host === pattern
}

export function isWildcard(host: string): boolean {
  return host.startsWith('*.')
}

export function methodFits(methods: readonly string[], method: string): boolean {
  return methods.length === 0 || methods.includes(method)
}

export function methodsOverlap(a: readonly string[], b: readonly string[]): boolean {
  return a.length === 0 || b.length === 0 || a.some((method) => b.includes(method))
}

/** The one spelling in which a match is stored: methods upper case, sorted, once; host lower case. */
export function normaliseMatch(match: Match): Match {
  const methods = [...new Set(match.methods.map((method) => method.toUpperCase()))].toSorted()
  return { methods, host: match.host?.toLowerCase() ?? null, path: match.path }
}

/**
 * Host and path in one comparable text: two mappings with the same key must not share a method. How parameters
 * are called, a regex's position and needless escapes make no difference.
 */
export function matchKey(match: Match): string {
  return `${match.host?.toLowerCase() ?? '*'} ${pathKey(match)}`
}

function pathKey({ path }: Match): string {
  if (path.kind === 'regex') return `regex ${path.pattern}`
  const compiled = compilePath(path)
  switch (compiled.kind) {
    case 'exact':
      return `exact ${compiled.path}`
    case 'regex':
      return `regex ${compiled.pattern}`
    case 'prefix':
    case 'template': {
      const segments = compiled.segments.map((segment) => (segment.kind === 'literal' ? segment.text : '{}'))
      if (compiled.kind === 'template' && compiled.rest !== null) segments.push('{*}')
      return `${compiled.kind} /${segments.join('/')}`
    }
  }
}
