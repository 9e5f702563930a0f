import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { breakerStateSchema, emergencySchema, shedCountSchema } from '../link.ts'
import { reasonSchema, timestampSchema } from './common.ts'

export const agentViewSchema = z.object({
  id: idSchema,
  environmentId: idSchema,
  name: z.string(),
  version: z.string().nullable(),
  state: z.enum(['online', 'offline', 'revoked', 'retired']),
  connectedAt: timestampSchema.nullable(),
  lastSeenAt: timestampSchema.nullable(),
  joinedAt: timestampSchema.nullable(),
  /** The newest; issued later than `joinedAt` it is a renewal. Null when it never joined, or was revoked. */
  credential: z.object({ issuedAt: timestampSchema, expiresAt: timestampSchema }).nullable(),
  /** When a second process with the same identity was last kept out; null when never. */
  duplicateAt: timestampSchema.nullable(),
  /** What this agent really runs, and what it should. */
  running: z.object({ epoch: z.string(), revision: z.int(), hash: z.string() }).nullable(),
  expected: z.object({ epoch: z.string(), revision: z.int() }),
  inStep: z.boolean(),
  overlayRevision: z.int().nullable(),
  refusal: z
    .object({
      at: timestampSchema,
      phase: z.string(),
      errors: z.array(z.object({ path: z.string(), message: z.string() })),
    })
    .nullable(),
  clockOffsetMs: z.number().nullable(),
  requestsPerSecond: z.number().nullable(),
  connections: z.int().nullable(),
  inFlight: z.int().nullable(),
  eventLoopDelayMs: z.number().nullable(),
  draining: z.boolean(),
  health: z.record(idSchema, z.object({ healthy: z.int(), total: z.int() })),
  /** Breakers that are not closed there; absent means none. */
  breakers: z.array(breakerStateSchema).optional(),
  /** What protection did there since it started. */
  shed: z.array(shedCountSchema).optional(),
  emergencies: z.array(emergencySchema),
  warnings: z.array(z.string()),
})
export type AgentView = z.infer<typeof agentViewSchema>

/**
 * What an agent joins with. `once` lets one agent join, within 24 hours; `many` any number, until it is revoked:
 * whoever reads it can add an agent to the environment.
 */
export const agentTokenUsesSchema = z.enum(['once', 'many'])
export const agentTokenInputSchema = z.strictObject({
  name: nameSchema,
  environmentId: idSchema.default('default'),
  uses: agentTokenUsesSchema.default('once'),
  /** Null for `once`: in 24 hours, which is also the most. Null for `many`: never. */
  expiresAt: timestampSchema.nullable().default(null),
})
export type AgentTokenInput = z.input<typeof agentTokenInputSchema>
export const agentTokenViewSchema = z.object({
  id: idSchema,
  environmentId: idSchema,
  name: nameSchema,
  uses: agentTokenUsesSchema,
  createdAt: timestampSchema,
  createdBy: z.string(),
  expiresAt: timestampSchema.nullable(),
  /** Of a token for one agent: when it joined, and which it was. */
  usedAt: timestampSchema.nullable(),
  usedBy: idSchema.nullable(),
  lastUsedAt: timestampSchema.nullable(),
  revokedAt: timestampSchema.nullable(),
})
export type AgentTokenView = z.infer<typeof agentTokenViewSchema>
/** The token itself is in this answer and nowhere else. */
export const agentTokenCreatedSchema = agentTokenViewSchema.extend({ token: z.string() })

export const agentRevokeSchema = z.strictObject({ reason: reasonSchema.optional() })
