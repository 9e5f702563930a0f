import { z } from 'zod'
import { apiKeySchema } from '../auth.ts'
import { idSchema } from '../entities.ts'

/** A key for programs that call mappings of an environment. */
export const apiKeyInputSchema = z.strictObject({
  name: apiKeySchema.shape.name,
  mappings: apiKeySchema.shape.mappings.default('all'),
})
/** The key itself is in this answer and nowhere else. */
export const apiKeyCreatedSchema = apiKeySchema.extend({ key: z.string() })
export const apiKeyParamsSchema = z.strictObject({ id: idSchema, keyId: idSchema })
