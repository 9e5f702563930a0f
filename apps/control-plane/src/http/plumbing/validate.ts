import type { FastifySchemaCompiler } from 'fastify'
import type { z } from 'zod'
import { Problem } from '@crossfade/contracts/problems'
import { fieldErrors } from './field-errors.ts'
import { problemsOfText } from '../../store/storable.ts'

/** Every input passes here; what does not fit is refused with all its fields named at once. */
export const validate: FastifySchemaCompiler<z.ZodType> =
  ({ schema }) =>
  (data: unknown) => {
    // Fastify says null for a body that was not sent; so that a schema may have a default, that is undefined.
    const result = schema.safeParse(data ?? undefined)
    const errors = result.success ? problemsOfText(result.data) : fieldErrors(result.error.issues)
    if (result.success && errors.length === 0) return { value: result.data }
    return { error: new Problem('invalid_input', { errors }) }
  }
