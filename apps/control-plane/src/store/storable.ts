import type { FieldError } from '@crossfade/contracts/problems'

/**
 * Text that no database column holds: U+0000, and halves of surrogate pairs, which are no characters (RFC 3629
 * section 3). Names every field that has some, keys of free-form objects included.
 */
export function problemsOfText(value: unknown, path: readonly string[] = []): FieldError[] {
  if (typeof value === 'string') return isStorable(value) ? [] : [problemAt(path)]
  if (typeof value !== 'object' || value === null) return []
  return Object.entries(value).flatMap(([key, inner]) =>
    isStorable(key) ? problemsOfText(inner, [...path, key]) : [problemAt(path)],
  )
}

function isStorable(text: string): boolean {
  return !text.includes('\u0000') && text.isWellFormed()
}

function problemAt(path: readonly string[]): FieldError {
  return { path: path.join('.'), message: 'Leave out U+0000 and halves of surrogate pairs' }
}
