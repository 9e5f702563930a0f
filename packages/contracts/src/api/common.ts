import { z } from 'zod'
import { percentSchema } from '../percent.ts'
import { cohortRefSchema } from './cohorts.ts'
import { identitySchema, idSchema, missingSchema } from '../entities.ts'

export const apiPrefix = '/api/v1'

/** Databases know no year 0. */
export const timestampSchema = z.iso
  .datetime()
  .refine((text) => !text.startsWith('0000'), 'Give a year from 0001 on')
export const reasonSchema = z.string().trim().max(500)

/** Cursor paging: pass `cursor` back to read on; null at the end. */
export const pageOf = <T extends z.ZodType>(item: T) =>
  z.object({ items: z.array(item), nextCursor: z.string().nullable() })
export const pageQuerySchema = z.strictObject({
  cursor: z.string().max(200).optional(),
  limit: z.coerce.number().int().min(1).max(500).default(100),
})
export const listQuerySchema = pageQuerySchema.extend({ environmentId: idSchema.optional() })
export const idParamsSchema = z.strictObject({ id: idSchema })

/** What every stored resource carries. `version` is the ETag: send it back as `If-Match: "<version>"`. */
export const storedFields = {
  id: idSchema,
  environmentId: idSchema,
  version: z.int(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
}

/** How a mapping or group divides traffic, as people see it. */
export const splitViewSchema = z.object({
  percent: percentSchema,
  cohort: cohortRefSchema,
  identity: identitySchema,
  missing: missingSchema,
})
export type SplitView = z.infer<typeof splitViewSchema>

/**
 * What is left out stays as it is. For something new that means a new cohort, identity `request` and missing
 * `legacy`; a mapping that leaves its group keeps the group's.
 */
export const splitInputSchema = z.strictObject({
  cohortId: idSchema.nullable().default(null),
  identity: identitySchema.optional(),
  missing: missingSchema.optional(),
})
