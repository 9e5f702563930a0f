import { z } from 'zod'
import { agentViewSchema } from './api/agents.ts'
import { changeSchema } from './api/changes.ts'
import { seriesPointSchema } from './api/series.ts'
import { idSchema } from './entities.ts'

/**
 * The dashboard's WebSocket: `GET /api/v1/live?environmentId=…`, session cookie or bearer token. The first
 * message is `hello` with a full view; then events. The screen is a fold over them; a gap in `n` means
 * reconnect. At most one `numbers` message a second.
 */
export const livePath = '/api/v1/live'

/** Last complete second of each side. */
export const liveNumbersSchema = z.object({
  mappingId: idSchema.nullable(),
  legacy: seriesPointSchema.nullable(),
  new: seriesPointSchema.nullable(),
})

export const liveEventSchema = z.discriminatedUnion('type', [
  z.object({
    type: z.literal('hello'),
    n: z.int(),
    now: z.int(),
    version: z.string(),
    environmentId: idSchema,
    epoch: z.string(),
    revision: z.int(),
    shares: z.array(z.object({ mappingId: idSchema, percent: z.number(), shareVersion: z.int() })),
    agents: z.array(agentViewSchema),
  }),
  z.object({ type: z.literal('agent'), n: z.int(), agent: agentViewSchema }),
  /** Something was saved: reload what the change names. `shares` lists the mappings whose share moved. */
  z.object({
    type: z.literal('change'),
    n: z.int(),
    revision: z.int(),
    change: changeSchema,
    shares: z.array(z.object({ mappingId: idSchema, percent: z.number(), shareVersion: z.int() })),
  }),
  /** How far a revision is: which online agents run it. `ms` since it was accepted. */
  z.object({
    type: z.literal('convergence'),
    n: z.int(),
    revision: z.int(),
    live: z.int(),
    total: z.int(),
    waitingFor: z.array(z.string()),
    ms: z.number(),
  }),
  z.object({ type: z.literal('numbers'), n: z.int(), at: z.int(), mappings: z.array(liveNumbersSchema) }),
  /** The feed ends because rights ended or the server stops. */
  z.object({ type: z.literal('bye'), n: z.int(), reason: z.enum(['signed-out', 'shutting-down']) }),
])
export type LiveEvent = z.infer<typeof liveEventSchema>

/** What a dashboard may say: which mappings it looks at closely. */
export const liveRequestSchema = z.strictObject({
  type: z.literal('watch'),
  mappingIds: z.array(idSchema).max(100),
})
export type LiveRequest = z.infer<typeof liveRequestSchema>
