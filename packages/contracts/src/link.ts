import { z } from 'zod'
import { idSchema, overlaySchema, sideSchema } from './entities.ts'
import { deltaSchema, keyChainSchema, signedOverlaySchema, wholeSnapshotSchema } from './snapshot.ts'
import { statsBatchSchema } from './stats.ts'

/**
 * The agent's WebSocket: `GET /api/v1/link` with `Authorization: Bearer <assertion>` (see agent-identity.ts),
 * good for one opening. JSON text frames.
 * A frame that does not parse closes the link with 1008; larger than `maxFrameBytes` with 1009.
 */
export const linkProtocol = 1
export const linkPath = '/api/v1/link'
export const maxFrameBytes = { toAgent: 64 * 1024 * 1024, toControlPlane: 4 * 1024 * 1024 } as const
export const heartbeatEveryMs = 10_000
/** A link without any frame for this long is dead. */
export const linkDeadAfterMs = 25_000

/** Why the control plane ended a link, as close codes of ours (RFC 6455 section 7.4.2). */
export const linkEnds = {
  /** The agent was revoked or retired, or the token that it joined with was revoked. */
  revoked: 4001,
  /** A newer link of the same agent took over. */
  replaced: 4002,
  /** Another process with the same identity has taken over and is alive: this one stays out. */
  duplicate: 4003,
} as const

const running = z.strictObject({
  epoch: z.string().max(64),
  revision: z.int().min(0),
  hash: z.string().max(64),
})
export type Running = z.infer<typeof running>

/** A break-glass roll back made on an agent's admin port (rule 19), until a person clears it. */
export const emergencySchema = z.strictObject({
  id: idSchema,
  at: z.iso.datetime(),
  by: z.string().max(200),
  reason: z.string().max(500),
  overlay: overlaySchema,
})
export type Emergency = z.infer<typeof emergencySchema>

export const breakerStateSchema = z.strictObject({
  mappingId: idSchema,
  side: sideSchema,
  state: z.enum(['open', 'half-open']),
})
export type BreakerState = z.infer<typeof breakerStateSchema>

/** The newest signed end of the audit trail that was seen (rule 23); text of runtime's `audit-checkpoint`. */
export const auditCheckpointSchema = z.string().max(2000)

/**
 * Requests of a mapping that were refused (`rate_limited`, `over_capacity`, `breaker_open`, …) or answered by the
 * other side (`new_at_capacity`, `failed`, `read_through`, …), by reason; overload has no mapping.
 */
export const shedCountSchema = z.strictObject({
  mappingId: idSchema.nullable(),
  what: z.string().regex(/^[a-z_]{1,40}$/),
  count: z.int().min(0),
})
export type ShedCount = z.infer<typeof shedCountSchema>

export const fromAgentSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('hello'),
    protocol: z.literal(linkProtocol),
    name: z.string().min(1).max(100),
    boot: idSchema,
    version: z.string().max(50),
    /** What is in force; null for an agent without configuration. */
    running: running.nullable(),
    /** Where it came from. */
    source: z.enum(['link', 'disk', 'bootstrap', 'none']),
    emergencies: z.array(emergencySchema).max(100),
    /** Its admin and health ports, where no service may be (rule 30). */
    doors: z
      .array(z.strictObject({ host: z.string().min(1).max(255), port: z.int().min(1).max(65_535) }))
      .max(200)
      .optional(),
  }),
  /** Exactly one ack or nack answers each `nonce`. `applied` at the swap, `persisted` after the fsync. */
  z.strictObject({
    type: z.literal('ack'),
    nonce: idSchema,
    stage: z.enum(['applied', 'persisted']),
    running,
  }),
  z.strictObject({
    type: z.literal('nack'),
    nonce: idSchema,
    phase: z.enum([
      'integrity',
      'stale',
      'conflict',
      'epoch',
      'base',
      'shrunken',
      'schema',
      'semantic',
      'apply',
    ]),
    errors: z.array(z.strictObject({ path: z.string().max(500), message: z.string().max(1000) })).max(100),
    running: running.nullable(),
  }),
  /** The overlay of this revision is in force (also when the base is an old one). */
  z.strictObject({
    type: z.literal('overlay-ack'),
    nonce: idSchema,
    revision: z.int(),
    running: running.nullable(),
  }),
  z.strictObject({ type: z.literal('stats'), batch: statsBatchSchema }),
  z.strictObject({
    type: z.literal('heartbeat'),
    /** Agent's clock, ms since the epoch. */
    at: z.int(),
    running: running.nullable(),
    overlayRevision: z.int().nullable(),
    emergencies: z.array(emergencySchema).max(100),
    connections: z.int().min(0),
    inFlight: z.int().min(0),
    requestsPerSecond: z.number().min(0),
    eventLoopDelayMs: z.number().min(0),
    draining: z.boolean(),
    /** The agent is a witness of it; absent when it has seen none. */
    auditCheckpoint: auditCheckpointSchema.optional(),
    /** Per service id: instances healthy of all, as this agent sees them. */
    health: z.record(idSchema, z.strictObject({ healthy: z.int(), total: z.int() })),
    /** Breakers that are not closed on this agent (rule 32); absent means none. */
    breakers: z.array(breakerStateSchema).max(1000).optional(),
    /** What protection did since this agent started, the most first; absent means nothing. */
    shed: z.array(shedCountSchema).max(200).optional(),
    warnings: z.array(z.string().max(500)).max(20),
  }),
])
export type FromAgent = z.infer<typeof fromAgentSchema>

export const toAgentSchema = z.discriminatedUnion('type', [
  z.strictObject({
    type: z.literal('welcome'),
    agentId: idSchema,
    environmentId: idSchema,
    /** Control plane's clock, ms since the epoch. */
    now: z.int(),
    keys: keyChainSchema,
  }),
  z.strictObject({ type: z.literal('snapshot'), nonce: idSchema, snapshot: wholeSnapshotSchema }),
  z.strictObject({ type: z.literal('delta'), nonce: idSchema, delta: deltaSchema }),
  z.strictObject({ type: z.literal('overlay'), nonce: idSchema, signed: signedOverlaySchema }),
  z.strictObject({ type: z.literal('stats-ack'), boot: idSchema, seq: z.int() }),
  z.strictObject({
    type: z.literal('heartbeat-reply'),
    /** The `at` of the heartbeat answered. */
    echo: z.int(),
    now: z.int(),
    auditCheckpoint: auditCheckpointSchema.nullable(),
  }),
  /** Mappings somebody is looking at: latency sketches each second for these too. */
  z.strictObject({ type: z.literal('watch'), mappingIds: z.array(idSchema).max(1000) }),
  z.strictObject({ type: z.literal('clear-emergency'), id: idSchema }),
])
export type ToAgent = z.infer<typeof toAgentSchema>
