import { z } from 'zod'
import type { AcceptanceCriterion, AcceptanceResult } from '@crossfade/core/guardrail/acceptance'
import type { Guardrail, Judgement, Limit, Metric } from '@crossfade/core/guardrail/model'
import { idSchema, nameSchema } from './entities.ts'

/**
 * Core's guardrails (rules 15-17) as they cross borders: shapes and sizes. Whether a limit makes sense is core's
 * `problemsOfGuardrail`. Rates are fractions 0…1, latencies ms, windows ms.
 */
const quantile = z.literal([0.5, 0.95, 0.99])
const value = z.number().min(0).max(1e12)

export const metricSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.enum(['error-rate', 'client-error-rate', 'timeout-rate']) }),
  z.strictObject({ kind: z.literal('latency'), quantile }),
  z.strictObject({ kind: z.enum(['breaker-openings', 'mismatch-rate', 'ledger-lag']) }),
  z.strictObject({ kind: z.literal('external'), name: nameSchema }),
]) satisfies z.ZodType<Metric>

const windows = { tolerates: z.int().min(0).max(99).default(0), outOf: z.int().min(1).max(100).default(1) }
export const limitSchema = z.discriminatedUnion('kind', [
  z.strictObject({ kind: z.literal('absolute'), max: value, ...windows }),
  z.strictObject({ kind: z.literal('against-legacy'), factor: value, plus: value, ...windows }),
]) satisfies z.ZodType<Limit>

export const guardrailSchema = z.strictObject({
  id: idSchema,
  name: nameSchema,
  metric: metricSchema,
  limit: limitSchema,
  /** A label of the environment's client dimension, or null for all traffic. */
  client: nameSchema.nullable().default(null),
  windowMs: z.int().min(0).max(86_400_000).default(60_000),
  minimumSample: z.int().min(0).max(1_000_000).default(50),
  action: z.enum(['alert', 'pause', 'roll-back']).default('roll-back'),
  dryRun: z.boolean().default(false),
}) satisfies z.ZodType<Guardrail>

export const verdictSchema = z.enum(['pass', 'fail', 'inconclusive', 'error'])
const sides = z.object({ legacy: z.number(), new: z.number() })

/** What one guardrail says about one mapping: the number, the limit, and both in words. */
export const judgementSchema = z.object({
  key: z.string(),
  guardrailId: idSchema,
  mappingId: idSchema,
  name: z.string(),
  action: guardrailSchema.shape.action.unwrap(),
  dryRun: z.boolean(),
  verdict: verdictSchema,
  unit: z.enum(['fraction', 'count', 'seconds', 'value']),
  measured: z.number().nullable(),
  legacy: z.number().nullable(),
  limit: z.number().nullable(),
  interval: z.object({ low: z.number(), high: z.number() }).nullable(),
  sample: sides,
  minimumSample: z.number(),
  breaches: z.number().nullable(),
  words: z.string(),
}) satisfies z.ZodType<Judgement>

export const acceptanceCriterionSchema = z.strictObject({
  id: idSchema,
  metric: z.discriminatedUnion('kind', [
    z.strictObject({ kind: z.enum(['error-rate', 'client-error-rate', 'mismatch-rate']) }),
    z.strictObject({ kind: z.literal('latency'), quantile }),
  ]),
  /** A fraction, or ms for latency. */
  atMost: value,
  minimumSample: z.int().min(1).max(1_000_000_000).default(100),
}) satisfies z.ZodType<AcceptanceCriterion>

export const acceptanceResultSchema = z.object({
  criterionId: idSchema,
  /** Null while there are too few requests. */
  met: z.boolean().nullable(),
  measured: z.number().nullable(),
  sample: z.number(),
  words: z.string(),
}) satisfies z.ZodType<AcceptanceResult>
