import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { splitInputSchema, splitViewSchema, storedFields } from './common.ts'

export const groupInputSchema = z.strictObject({
  name: nameSchema,
  description: z.string().trim().max(2000).default(''),
  split: splitInputSchema.prefault({}),
})
export type GroupInput = z.input<typeof groupInputSchema>
export type GroupSpec = z.output<typeof groupInputSchema>
export const groupUpdateSchema = groupInputSchema.extend({ confirmMoves: z.boolean().default(false) })
export const groupCreateSchema = groupInputSchema.extend({ environmentId: idSchema.default('default') })
export const groupViewSchema = z.object({
  ...storedFields,
  shareVersion: z.int(),
  name: nameSchema,
  description: z.string(),
  split: splitViewSchema,
  members: z.array(z.object({ id: idSchema, name: nameSchema })),
})
export type GroupView = z.infer<typeof groupViewSchema>
