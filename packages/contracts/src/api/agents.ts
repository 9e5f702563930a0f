import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { breakerStateSchema, emergencySchema, shedCountSchema } from '../link.ts'
import { timestampSchema } from './common.ts'

export const agentViewSchema = z.object({
  id: idSchema,
  environmentId: idSchema,
  name: z.string(),
  version: z.string().nullable(),
  state: z.enum(['online', 'offline', 'retired']),
  connectedAt: timestampSchema.nullable(),
  lastSeenAt: timestampSchema.nullable(),
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

export const agentTokenInputSchema = z.strictObject({
  name: nameSchema,
  environmentId: idSchema.default('default'),
})
export const agentTokenViewSchema = z.object({
  id: idSchema,
  environmentId: idSchema,
  name: nameSchema,
  createdAt: timestampSchema,
  createdBy: z.string(),
  lastUsedAt: timestampSchema.nullable(),
  revokedAt: timestampSchema.nullable(),
})
export type AgentTokenView = z.infer<typeof agentTokenViewSchema>
/** The token itself is in this answer and nowhere else. */
export const agentTokenCreatedSchema = agentTokenViewSchema.extend({ token: z.string() })
