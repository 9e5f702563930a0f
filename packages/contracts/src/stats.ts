import { z } from 'zod'
import { idSchema, nameSchema, sideSchema } from './entities.ts'

const count = z.int().min(0).max(1e12)

/** Why a request failed without (or despite) an answer. The same words label metrics. */
export const failureKinds = ['connect', 'timeout', 'reset', 'protocol', 'client-closed', 'tls'] as const
export type FailureKind = (typeof failureKinds)[number]

/** Counts for one series over one window; adding is the only operation (core/tally.ts). */
export const tallySchema = z.strictObject({
  requests: count,
  /** Answers by status class: 1xx…5xx, at index 0…4. */
  statuses: z.tuple([count, count, count, count, count]),
  failures: z.strictObject({
    connect: count,
    timeout: count,
    reset: count,
    protocol: count,
    'client-closed': count,
    /** Absent from agents that did not tell it apart from `connect`. */
    tls: count.default(0),
  }),
  fallbacks: count,
  /** How often a breaker of this side opened; absent from agents that did not say. */
  breakerOpenings: count.default(0),
  retries: count,
  bytesIn: count,
  bytesOut: count,
})
export type TallyShape = z.infer<typeof tallySchema>

/** How a request came to its side. Only `split` traffic enters comparisons (rule 16). */
export const viaSchema = z.enum(['split', 'steered', 'default'])
export type Via = z.infer<typeof viaSchema>

export const seriesSampleSchema = z.strictObject({
  /** Null for unmapped traffic that went to a default service. */
  mappingId: idSchema.nullable(),
  side: sideSchema,
  via: viaSchema,
  tally: tallySchema,
  /** Latency sketch (core/sketch.ts), base64; absent in windows that carry counts only. */
  sketch: z.base64().max(20_000).nullable(),
})
export type SeriesSample = z.infer<typeof seriesSampleSchema>

/** The label of every client that no value of the environment's dimension names. */
export const otherClient = 'other'

/**
 * What one kind of client (rule 28) did on one side of a mapping, over the ten seconds that end with the window
 * it came in. Only `split` traffic; the same requests are in the samples too.
 */
export const clientSampleSchema = z.strictObject({
  mappingId: idSchema,
  side: sideSchema,
  client: nameSchema,
  tally: tallySchema,
  sketch: z.base64().max(20_000).nullable(),
})
export type ClientSample = z.infer<typeof clientSampleSchema>

const printable = z.string().regex(/^[\x20-\x7e]*$/)

/** A path of traffic that no mapping of its own names: unmapped, inside a prefix or regex mapping, or refused. */
export const pathSampleSchema = z.strictObject({
  /** Null for unmapped and refused paths. */
  mappingId: idSchema.nullable(),
  kind: z.enum(['served', 'refused']),
  /** `OTHER` for methods that HTTP does not name. */
  method: z.string().regex(/^[A-Z]{1,16}$/),
  /** Ids collapsed to `:id`; of a refused path, why it was refused. */
  path: printable.min(1).max(200),
  /** At least so many in these ten seconds: rare ones may be missed. */
  requests: count,
  errors: count,
  /** A refused path as it came, shortened; null for others. */
  sample: printable.max(200).nullable(),
})
export type PathSample = z.infer<typeof pathSampleSchema>

/** One second of one agent. `at` is the start in ms since the epoch, in the control plane's clock. */
export const windowSchema = z.strictObject({
  at: z.int().min(0).multipleOf(1000),
  samples: z.array(seriesSampleSchema).max(50_000),
  /** Every ten seconds, and bounded. */
  clients: z.array(clientSampleSchema).max(50_000).optional(),
  paths: z.array(pathSampleSchema).max(1000).optional(),
})
export type StatsWindow = z.infer<typeof windowSchema>

/** Numbered per boot from 1; sent until acknowledged, counted once (rule 28). */
export const statsBatchSchema = z.strictObject({
  boot: idSchema,
  seq: z.int().min(1),
  windows: z.array(windowSchema).max(600),
  /** Windows given up since the batch before, because the backlog was full. */
  lostWindows: z.int().min(0),
})
export type StatsBatch = z.infer<typeof statsBatchSchema>
