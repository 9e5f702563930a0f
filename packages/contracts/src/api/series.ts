import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import { failureKinds, viaSchema } from '../stats.ts'

/** Width of a point in seconds, with how long such points are kept. */
export const resolutions = [
  { seconds: 1, keepSeconds: 15 * 60 },
  { seconds: 10, keepSeconds: 24 * 3600 },
  { seconds: 60, keepSeconds: 30 * 24 * 3600 },
  { seconds: 3600, keepSeconds: 395 * 24 * 3600 },
] as const
export type Resolution = (typeof resolutions)[number]['seconds']

/** Ask for a span; the server picks the finest resolution that still covers it, or takes yours. */
export const seriesQuerySchema = z.strictObject({
  mappingId: idSchema.optional(),
  environmentId: idSchema.optional(),
  from: z.coerce.number().int(),
  to: z.coerce.number().int().optional(),
  resolution: z.coerce
    .number()
    .pipe(z.literal([1, 10, 60, 3600]))
    .optional(),
  via: viaSchema.default('split'),
  /** One kind of client only (rule 28); kept from points of 10 s on. */
  client: nameSchema.optional(),
})

const failures = z.object(
  Object.fromEntries(failureKinds.map((kind) => [kind, z.number()])) as Record<
    (typeof failureKinds)[number],
    z.ZodNumber
  >,
)

/**
 * One side over one window. All numbers but the latencies are counts over the whole window: divide by the
 * series' `resolution` for a rate. Latencies in ms, null without a measured request.
 */
export const seriesPointSchema = z.object({
  at: z.int(),
  requests: z.number(),
  /** 5xx answers, timeouts, connection and protocol failures (rule 15). */
  errors: z.number(),
  clientErrors: z.number(),
  statuses: z.tuple([z.number(), z.number(), z.number(), z.number(), z.number()]),
  failures,
  fallbacks: z.number(),
  retries: z.number(),
  bytesIn: z.number(),
  bytesOut: z.number(),
  p50: z.number().nullable(),
  p95: z.number().nullable(),
  p99: z.number().nullable(),
})
export type SeriesPoint = z.infer<typeof seriesPointSchema>

export const seriesViewSchema = z.object({
  resolution: z.int(),
  from: z.int(),
  to: z.int(),
  /** Only windows with traffic; a gap is a gap. */
  legacy: z.array(seriesPointSchema),
  new: z.array(seriesPointSchema),
})
export type SeriesView = z.infer<typeof seriesViewSchema>

/** For lists: the last minutes of every mapping at once. */
export const overviewSchema = z.object({
  at: z.int(),
  /** Width of a point in seconds. */
  resolution: z.int(),
  mappings: z.record(
    idSchema,
    z.object({ legacy: z.array(seriesPointSchema), new: z.array(seriesPointSchema) }),
  ),
})
export type SeriesOverview = z.infer<typeof overviewSchema>

export const clientsQuerySchema = z.strictObject({
  mappingId: idSchema,
  minutes: z.coerce.number().int().min(1).max(1440).default(60),
})

/** How each kind of client fares on both sides of a mapping: so that one broken app does not hide in the average. */
export const clientsViewSchema = z.object({
  from: z.int(),
  to: z.int(),
  /** Busiest first; at most 13. */
  clients: z.array(
    z.object({
      client: z.string(),
      legacy: seriesPointSchema.nullable(),
      new: seriesPointSchema.nullable(),
    }),
  ),
})
export type ClientsView = z.infer<typeof clientsViewSchema>

/** Name an environment for its unmapped and refused paths, or a mapping for the paths inside it. */
export const pathsQuerySchema = z
  .strictObject({
    environmentId: idSchema.optional(),
    mappingId: idSchema.optional(),
    hours: z.coerce.number().int().min(1).max(168).default(24),
    limit: z.coerce.number().int().min(1).max(100).default(50),
  })
  .refine(
    ({ environmentId, mappingId }) => environmentId === undefined || mappingId === undefined,
    'Name an environment or a mapping, not both',
  )

const pathCounts = { requests: z.number(), errors: z.number(), lastSeenAt: z.iso.datetime() }
export const pathsViewSchema = z.object({
  from: z.int(),
  /** Busiest first, ids collapsed to `:id`. Counts are at least what they say: rare paths may be missed. */
  paths: z.array(z.object({ method: z.string(), path: z.string(), ...pathCounts })),
  /** Paths that can be read two ways and were answered 400 (rule 4), by reason, with one as it came. */
  refused: z.array(
    z.object({ method: z.string(), why: z.string(), sample: z.string().nullable(), ...pathCounts }),
  ),
})
export type PathsView = z.infer<typeof pathsViewSchema>
