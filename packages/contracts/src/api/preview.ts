import { z } from 'zod'
import { idSchema, matchSchema, nameSchema, sideSchema } from '../entities.ts'
import { percentSchema } from '../percent.ts'
import { mappingInputSchema } from './mappings.ts'

/** Asked before saving a mapping: which others it overlaps, who wins, and who would move. */
export const mappingPreviewInputSchema = mappingInputSchema.extend({
  environmentId: idSchema.default('default'),
  /** The mapping being edited; null for a new one. */
  id: idSchema.nullable().default(null),
})

/** Buckets [from, to) of a cohort that change side. */
export const moveSchema = z.object({
  from: z.int(),
  to: z.int(),
  fromSide: sideSchema,
  toSide: sideSchema,
})
export const movesSchema = z.object({
  mappingId: idSchema,
  name: nameSchema,
  /** Empty when nobody moves. */
  intervals: z.array(moveSchema),
  percentToNew: percentSchema,
  percentToLegacy: percentSchema,
  /** True when buckets say nothing: the cohort, identity or match itself changes. */
  reshuffled: z.boolean(),
})
export type Moves = z.infer<typeof movesSchema>

export const overlapSchema = z.object({
  id: idSchema,
  name: nameSchema,
  match: matchSchema,
  /** Who answers a request that both match. */
  winner: z.enum(['this', 'other']),
  sameMatch: z.boolean(),
})
export type Overlap = z.infer<typeof overlapSchema>

export const mappingPreviewSchema = z.object({
  overlaps: z.array(overlapSchema),
  moves: z.array(movesSchema),
  /** Somebody may move to new, or service, rewrite or check of a side with traffic change (rule 21). */
  isRaise: z.boolean(),
})
export type MappingPreview = z.infer<typeof mappingPreviewSchema>

export const sharePreviewInputSchema = z.strictObject({ percent: percentSchema })
export const sharePreviewSchema = z.object({ moves: z.array(movesSchema), isRaise: z.boolean() })

export const explainInputSchema = z.strictObject({
  environmentId: idSchema.default('default'),
  method: z.string().default('GET'),
  /** Absolute (`http://api.example/v2/x?y=1`) or a path. */
  url: z.string().max(8192),
  headers: z.record(z.string(), z.string().max(8192)).default({}),
  clientIp: z.string().max(64).default('192.0.2.1'),
  /** 0…9 999; without it, requests without identity are explained for bucket 0. */
  entropy: z.int().min(0).max(9_999).default(0),
  /** The decoded claims of a token whose signature is taken to hold; tokens in headers are not looked at. */
  claims: z.record(z.string(), z.unknown()).nullable().default(null),
})
export type ExplainInput = z.input<typeof explainInputSchema>

export const explanationSchema = z.object({
  revision: z.int(),
  outcome: z.enum(['mapped', 'default', 'no-default-service', 'refused']),
  mapping: z.object({ id: idSchema, name: nameSchema }).nullable(),
  side: sideSchema.nullable(),
  service: z.object({ id: idSchema, name: nameSchema }).nullable(),
  /** What would be sent: method and rewritten path with query. */
  forwarded: z.string().nullable(),
  /** One sentence a person understands. */
  because: z.string(),
  reason: z.unknown(),
  /** What callers must show, and what becomes of this one; null where nobody asks. */
  auth: z
    .object({
      verdict: z.enum(['open', 'passed', 'refused']),
      status: z.union([z.literal(401), z.literal(403)]).nullable(),
      because: z.string(),
    })
    .nullable(),
  /** Every mapping that matched, best first, with the rule that put the next one behind it. */
  candidates: z.array(z.object({ id: idSchema, name: nameSchema, lostBy: z.string().nullable() })),
})
export type Explanation = z.infer<typeof explanationSchema>
