import { factsOf, type FactsParts } from './facts.ts'
import type { Decision, Overlay, PathPattern, RequestFacts, Snapshot } from './model.ts'

/** One way to decide: the plain one or the fast one. */
export type Decide = (snapshot: Snapshot, facts: RequestFacts, overlays?: readonly Overlay[]) => Decision

export function get(target: string, parts: Partial<FactsParts> = {}): RequestFacts {
  return factsOf({ method: 'GET', host: 'api.books.example', target, ...parts })
}

export function exact(path: string): PathPattern {
  return { kind: 'exact', path }
}

export function prefix(path: string): PathPattern {
  return { kind: 'prefix', path }
}

export function template(text: string): PathPattern {
  return { kind: 'template', template: text }
}

export function regex(pattern: string, position = 0): PathPattern {
  return { kind: 'regex', pattern, position }
}
