import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { percentSchema } from '../percent.ts'
import { listQuerySchema, reasonSchema, storedFields, timestampSchema } from './common.ts'
import { movesSchema } from './preview.ts'

export const sharedTargetSchema = z.strictObject({ kind: z.enum(['mapping', 'group']), id: idSchema })

/** What is asked for, exactly, and which version of it was on the screen: another one is not what was approved. */
export const approvalChangeSchema = z.discriminatedUnion('act', [
  z.strictObject({
    act: z.literal('share'),
    target: sharedTargetSchema,
    percent: percentSchema,
    /** The share's version. */
    ifVersion: z.int(),
  }),
  /** Any other change that raises: the body of the resource's PUT. */
  z.strictObject({
    act: z.literal('update'),
    resource: z.enum(['mapping', 'group', 'service', 'segment', 'environment']),
    id: idSchema,
    ifVersion: z.int(),
    body: z.record(z.string(), z.unknown()),
  }),
  /** To leave a stage of a ramp. */
  z.strictObject({ act: z.literal('ramp-stage'), rampId: idSchema, leaving: z.int().min(-1).max(100) }),
  /** Afterwards roll back is refused. `ifVersion` is the mapping's or group's. */
  z.strictObject({ act: z.literal('point-of-no-return'), target: sharedTargetSchema, ifVersion: z.int() }),
  /** A roll back after the point of no return, which it takes away. */
  z.strictObject({ act: z.literal('roll-back'), target: sharedTargetSchema, ifVersion: z.int() }),
])
export type ApprovalChange = z.infer<typeof approvalChangeSchema>

export const approvalInputSchema = z.strictObject({
  change: approvalChangeSchema,
  reason: reasonSchema.default(''),
})
export type ApprovalInput = z.input<typeof approvalInputSchema>
export const approvalCreateSchema = approvalInputSchema.extend({ environmentId: idSchema.default('default') })

export const approvalStatuses = [
  'pending',
  /** Enough people agreed, but something else is in the way; `POST /approvals/{id}/apply` tries again. */
  'approved',
  'applied',
  'declined',
  /** Agreed on, and then impossible: what it was based on had moved. */
  'failed',
  'expired',
  'cancelled',
] as const
export const approvalStatusSchema = z.enum(approvalStatuses)

export const approvalsQuerySchema = listQuerySchema.extend({
  /** `open` is pending and approved. */
  status: z.enum(['open', ...approvalStatuses]).optional(),
  objectId: idSchema.optional(),
})

const actorSchema = z.object({ kind: z.string(), id: z.string(), name: z.string() })

/** `version` is what a vote names in If-Match: editing makes a new one and forgets the votes. */
export const approvalViewSchema = z.object({
  ...storedFields,
  change: approvalChangeSchema,
  /** `Raise checkout from 25 % to 60 %`. */
  title: z.string(),
  object: z.object({ kind: z.string(), id: idSchema, name: nameSchema }),
  /** Views of what changes, for a diff. */
  before: z.unknown(),
  after: z.unknown(),
  /** Who would move, as it was when it was asked for. */
  moves: z.array(movesSchema),
  /** Why it needs approval. */
  needs: z.string(),
  requestedBy: actorSchema,
  reason: z.string(),
  quorum: z.int(),
  selfApproval: z.boolean(),
  votes: z.array(
    z.object({
      by: actorSchema,
      verdict: z.enum(['approve', 'decline']),
      reason: z.string(),
      at: timestampSchema,
    }),
  ),
  status: approvalStatusSchema,
  /** Why it is approved and not applied, failed, or was declined. */
  statusReason: z.string().nullable(),
  expiresAt: timestampSchema,
})
export type ApprovalView = z.infer<typeof approvalViewSchema>

/** With If-Match: the version that was read. */
export const voteSchema = z.strictObject({ reason: reasonSchema.optional() })
/** One is enough to end it, so it says why. */
export const declineSchema = z.strictObject({ reason: reasonSchema.min(1, 'Say why') })
export const pointOfNoReturnSchema = z.strictObject({ reason: reasonSchema.min(1, 'Say why') })
