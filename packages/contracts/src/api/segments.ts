import type { z } from 'zod'
import { idSchema, segmentSchema } from '../entities.ts'
import { storedFields } from './common.ts'

export const segmentInputSchema = segmentSchema.omit({ id: true })
export type SegmentInput = z.input<typeof segmentInputSchema>
export type SegmentSpec = z.output<typeof segmentInputSchema>
export const segmentCreateSchema = segmentInputSchema.extend({ environmentId: idSchema.default('default') })
export const segmentViewSchema = segmentInputSchema.extend(storedFields)
export type SegmentView = z.infer<typeof segmentViewSchema>
