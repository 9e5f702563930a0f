import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { percentSchema } from '../percent.ts'
import { sharedTargetSchema } from './approvals.ts'
import { listQuerySchema, reasonSchema, storedFields, timestampSchema } from './common.ts'

/** The release calendar: changes that happen by themselves at a time. */

export const scheduledActSchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('share'),
    target: sharedTargetSchema,
    percent: percentSchema,
    /** The share's version: moved in between, the change is suspended. */
    ifVersion: z.int(),
  }),
  /** `ifVersion` is the ramp's. */
  z.strictObject({ act: z.literal('ramp-start'), rampId: idSchema, ifVersion: z.int() }),
])
export type ScheduledAct = z.infer<typeof scheduledActSchema>

export const scheduledChangeInputSchema = z.strictObject({
  change: scheduledActSchema,
  at: timestampSchema,
  reason: reasonSchema.default(''),
})
export type ScheduledChangeInput = z.input<typeof scheduledChangeInputSchema>
export const scheduledChangeCreateSchema = scheduledChangeInputSchema.extend({
  environmentId: idSchema.default('default'),
})

export const scheduledStatuses = [
  'pending',
  'applied',
  /** It was time, and it was refused: a freeze, a missing approval. */
  'failed',
  /** What it was based on has moved: somebody has to look again. */
  'suspended',
  'cancelled',
] as const

export const scheduledChangesQuerySchema = listQuerySchema.extend({
  status: z.enum(scheduledStatuses).optional(),
  objectId: idSchema.optional(),
  /** Of `at`; inclusive from, exclusive to. */
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
})

export const scheduledChangeViewSchema = z.object({
  ...storedFields,
  change: scheduledActSchema,
  /** `checkout to 50 %`. */
  title: z.string(),
  object: z.object({ kind: z.enum(['mapping', 'group']), id: idSchema, name: nameSchema }),
  at: timestampSchema,
  reason: z.string(),
  status: z.enum(scheduledStatuses),
  /** Why it failed or is suspended. */
  statusReason: z.string().nullable(),
  requestedBy: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  appliedAt: timestampSchema.nullable(),
})
export type ScheduledChangeView = z.infer<typeof scheduledChangeViewSchema>
