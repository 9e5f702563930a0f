import { z } from 'zod'
import { idSchema } from '../entities.ts'
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
