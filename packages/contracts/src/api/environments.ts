import { z } from 'zod'
import { environmentAuthSchema } from '../auth.ts'
import { environmentSchema, nameSchema } from '../entities.ts'
import { reasonSchema, timestampSchema } from './common.ts'

const auth = environmentAuthSchema.shape
/** What is left out stays as it is. API keys have their own acts, which make them. */
const environmentAuthInputSchema = z
  .strictObject({
    issuers: auth.issuers.unwrap(),
    apiKeyHeader: auth.apiKeyHeader.unwrap(),
    mapped: auth.mapped.unwrap(),
    unmapped: auth.unmapped.unwrap(),
    preflight: auth.preflight.unwrap(),
  })
  .partial()

export const environmentInputSchema = environmentSchema
  .omit({ id: true })
  // Their defaults would undo what is stored when a field is left out.
  .extend({
    clientDimension: environmentSchema.shape.clientDimension.unwrap(),
    auth: environmentAuthInputSchema,
  })
  .partial()
  .required({ name: true })
export type EnvironmentInput = z.input<typeof environmentInputSchema>

export const environmentViewSchema = environmentSchema.extend({
  version: z.int(),
  epoch: z.string(),
  revision: z.int(),
  createdAt: timestampSchema,
  updatedAt: timestampSchema,
})
export type EnvironmentView = z.infer<typeof environmentViewSchema>

export const environmentRollbackInputSchema = z.strictObject({ reason: reasonSchema.optional() })
/** The kill switch: which mappings and groups went to 0, and which were skipped and why. */
export const environmentRollbackSchema = z.object({
  revision: z.int(),
  rolledBack: z.array(
    z.object({
      kind: z.enum(['mapping', 'group']),
      id: z.string(),
      name: nameSchema,
      percentBefore: z.number(),
    }),
  ),
  skipped: z.array(z.object({ id: z.string(), name: nameSchema, reason: z.string() })),
  /** False when the database was away: agents have it, the audit trail gets it later (rule 19). */
  recorded: z.boolean(),
})
export type EnvironmentRollback = z.infer<typeof environmentRollbackSchema>

/** Names of a few people who may change anything in an environment, and of some who may everywhere. */
export const administratorsSchema = z.object({ here: z.array(z.string()), everywhere: z.array(z.string()) })
export type Administrators = z.infer<typeof administratorsSchema>
