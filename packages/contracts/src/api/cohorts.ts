import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'

/** A cohort decides who goes first. Its salt is a stored random value, never its name. */
export const cohortRefSchema = z.object({ id: idSchema, name: nameSchema })
export const cohortSchema = cohortRefSchema.extend({
  environmentId: idSchema,
  salt: z.string(),
  usedBy: z.array(z.object({ kind: z.enum(['mapping', 'group']), id: idSchema, name: nameSchema })),
})
export type Cohort = z.infer<typeof cohortSchema>
