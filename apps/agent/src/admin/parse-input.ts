import { Problem } from '@crossfade/contracts/problems'
import type { z } from 'zod'

/** `invalid_input` names each field that is not acceptable. */
export function parseInput<T>(schema: z.ZodType<T>, value: unknown): T {
  const parsed = schema.safeParse(value)
  if (parsed.success) return parsed.data
  const errors = parsed.error.issues.map(({ path, message }) => ({ path: path.join('.'), message }))
  throw new Problem('invalid_input', { errors })
}
