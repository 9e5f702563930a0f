import type { z } from 'zod'
import type { FieldError } from '@crossfade/contracts/problems'

/** One entry per field, with a dotted path (`match.path.template`); unknown fields are named one by one. */
export function fieldErrors(issues: readonly z.core.$ZodIssue[]): FieldError[] {
  return issues.flatMap((issue) => {
    if (issue.code === 'unrecognized_keys') {
      return issue.keys.map((key) => ({
        path: dotted([...issue.path, key]),
        message: 'There is no such field',
      }))
    }
    return [{ path: dotted(issue.path), message: issue.message }]
  })
}

function dotted(path: readonly PropertyKey[]): string {
  return path.map(String).join('.')
}
