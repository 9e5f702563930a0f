import { z } from 'zod'
import { idSchema } from '../entities.ts'
import { auditCheckpointSchema } from '../link.ts'
import { pageQuerySchema, timestampSchema } from './common.ts'

/** One audited act (rule 23). */
export const changeSchema = z.object({
  seq: z.int(),
  at: timestampSchema,
  environmentId: idSchema.nullable(),
  actor: z.object({
    kind: z.enum(['user', 'token', 'agent', 'system', 'schedule', 'guardrail']),
    id: z.string(),
    name: z.string(),
  }),
  /** `mapping.create`, `mapping.share`, `group.rollback`, `agent.emergency`, `user.invite` … */
  act: z.string(),
  object: z.object({ kind: z.string(), id: z.string(), name: z.string() }),
  before: z.unknown(),
  after: z.unknown(),
  reason: z.string().nullable(),
  source: z.enum(['dashboard', 'api', 'cli', 'agent', 'system']),
  requestId: z.string().nullable(),
  revision: z.int().nullable(),
})
export type Change = z.infer<typeof changeSchema>

export const auditVerificationInputSchema = z.strictObject({
  /** Signed ends of the trail that were kept elsewhere: of an agent's disk, of a log. */
  checkpoints: z.array(auditCheckpointSchema).max(100).default([]),
})

export const auditVerificationSchema = z.object({
  intact: z.boolean(),
  /** Rows read. */
  rows: z.int(),
  first: z.int().nullable(),
  last: z.int(),
  /** How many ends seen by agents or given agree with what is stored. */
  witnesses: z.int(),
  /** The first bad row. */
  finding: z
    .object({
      seq: z.int(),
      kind: z.enum(['altered', 'missing', 'reordered', 'inserted', 'truncated', 'rewritten']),
      detail: z.string(),
    })
    .nullable(),
})
export type AuditVerification = z.infer<typeof auditVerificationSchema>

/** Newest first. Dates are inclusive from, exclusive to. */
export const changesQuerySchema = pageQuerySchema.extend({
  environmentId: idSchema.optional(),
  actor: z.string().max(200).optional(),
  act: z.string().max(100).optional(),
  objectKind: z.string().max(50).optional(),
  /** All changes that touched this object; a mapping's include its group's. */
  objectId: idSchema.optional(),
  source: changeSchema.shape.source.optional(),
  from: timestampSchema.optional(),
  to: timestampSchema.optional(),
  text: z.string().max(200).optional(),
})
export type ChangesQuery = z.input<typeof changesQuerySchema>
