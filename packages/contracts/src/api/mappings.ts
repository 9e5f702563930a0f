import { z } from 'zod'
import {
  hostPolicySchema,
  idSchema,
  mappingSchema,
  matchSchema,
  nameSchema,
  pathPatternSchema,
  pathRewriteSchema,
  policySchema,
  rewriteSchema,
  writesSchema,
} from '../entities.ts'
import { percentSchema } from '../percent.ts'
import { reasonSchema, splitInputSchema, splitViewSchema, storedFields, timestampSchema } from './common.ts'

const edits = { set: {}, drop: [] }
const rewriteInputSchema = z.strictObject({
  path: pathRewriteSchema.nullable().default(null),
  query: rewriteSchema.shape.query.default(edits),
  headers: rewriteSchema.shape.headers.default(edits),
  mapBack: z.boolean().default(true),
})
const targetInput = (host: z.input<typeof hostPolicySchema>) =>
  z.strictObject({
    serviceId: idSchema,
    rewrite: rewriteInputSchema.prefault({}),
    host: hostPolicySchema.default(host),
  })

/** The definition of a mapping: everything but its share, which has its own version and starts at 0. */
export const mappingInputSchema = z.strictObject({
  name: nameSchema,
  owner: z.string().trim().max(100).default(''),
  description: z.string().trim().max(2000).default(''),
  match: z.strictObject({
    methods: matchSchema.shape.methods.default([]),
    host: matchSchema.shape.host.default(null),
    path: pathPatternSchema,
  }),
  legacy: targetInput({ kind: 'client' }),
  new: targetInput({ kind: 'service' }),
  split: z
    .discriminatedUnion('kind', [
      splitInputSchema.extend({ kind: z.literal('own') }),
      z.strictObject({ kind: z.literal('group'), groupId: idSchema }),
    ])
    .prefault({ kind: 'own' }),
  segments: z.array(idSchema).max(100).default([]),
  writes: writesSchema.default({ kind: 'with-share' }),
  originalUriOnAnswers: z.boolean().default(false),
  policy: policySchema.prefault({}),
})
export type MappingInput = z.input<typeof mappingInputSchema>
export type MappingSpec = z.output<typeof mappingInputSchema>

/** `confirmMoves` says: I saw in the preview that this moves users, go on (rules 9 and 12). */
export const mappingUpdateSchema = mappingInputSchema.extend({ confirmMoves: z.boolean().default(false) })
export const mappingCreateSchema = mappingUpdateSchema.extend({ environmentId: idSchema.default('default') })

export const mappingViewSchema = z.object({
  ...storedFields,
  /** The version of the share, for `If-Match` on `PUT …/share`; in a group, the group's. */
  shareVersion: z.int(),
  name: nameSchema,
  owner: z.string(),
  description: z.string(),
  match: mappingSchema.shape.match,
  legacy: mappingSchema.shape.legacy,
  new: mappingSchema.shape.new,
  split: z.discriminatedUnion('kind', [
    splitViewSchema.extend({ kind: z.literal('own') }),
    splitViewSchema.extend({ kind: z.literal('group'), groupId: idSchema, groupName: nameSchema }),
  ]),
  segments: z.array(idSchema),
  writes: writesSchema,
  pointOfNoReturn: z.boolean(),
  originalUriOnAnswers: z.boolean(),
  policy: policySchema,
  lastChange: z.object({ seq: z.int(), at: timestampSchema, actor: z.string(), act: z.string() }).nullable(),
})
export type MappingView = z.infer<typeof mappingViewSchema>

export const shareInputSchema = z.strictObject({ percent: percentSchema, reason: reasonSchema.optional() })
export const rollbackInputSchema = z.strictObject({ reason: reasonSchema.optional() })

/** Answer of share and roll back: where the change is in the snapshot's history, to follow it to the agents. */
export const shareResultSchema = z.object({
  kind: z.enum(['mapping', 'group']),
  id: idSchema,
  name: nameSchema,
  percent: percentSchema,
  percentBefore: percentSchema,
  shareVersion: z.int(),
  revision: z.int(),
  /** False when there was nothing to do (roll back is idempotent). */
  changed: z.boolean(),
  /** Mappings that moved with a group. */
  mappingIds: z.array(idSchema),
  /** False when the database was away: agents have it, the audit trail gets it later (rule 19). */
  recorded: z.boolean(),
  /** What this did to a ramp that was under way (rule 14). */
  ramp: z.object({ id: idSchema, words: z.string() }).optional(),
})
export type ShareResult = z.infer<typeof shareResultSchema>

/** Everything `If-Match` conflicts say, beside the problem document. */
export const versionConflictSchema = z.object({
  currentVersion: z.int(),
  by: z.string(),
  at: timestampSchema,
  from: z.unknown(),
  to: z.unknown(),
})
export type VersionConflict = z.infer<typeof versionConflictSchema>
