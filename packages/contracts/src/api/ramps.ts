import { z } from 'zod'
import { idSchema, nameSchema } from '../entities.ts'
import {
  acceptanceCriterionSchema,
  acceptanceResultSchema,
  guardrailSchema,
  judgementSchema,
} from '../guardrail.ts'
import { percentSchema } from '../percent.ts'
import {
  planInputSchema,
  planViewSchema,
  rampStatusSchema,
  samplingSchema,
  templateNameSchema,
  waitsForSchema,
} from '../ramp.ts'
import { listQuerySchema, reasonSchema, storedFields, timestampSchema } from './common.ts'

export const rampTargetSchema = z.strictObject({ kind: z.enum(['mapping', 'group']), id: idSchema })

const guardrails = z.array(guardrailSchema).max(50)
const acceptance = z.array(acceptanceCriterionSchema).max(50)

/** What a ramp is, apart from where it stands. Guardrails left out are the defaults; an empty list is none. */
export const rampInputSchema = z.strictObject({
  plan: planInputSchema,
  guardrails: guardrails.optional(),
  /** Targets written down before it starts, shown as met or not at each stage and at the end. */
  acceptance: acceptance.default([]),
})
export type RampInput = z.input<typeof rampInputSchema>

/** `template` copies a plan in place of `plan`; nothing is shared with it afterwards. */
export const rampCreateSchema = z.strictObject({
  environmentId: idSchema.default('default'),
  target: rampTargetSchema,
  template: templateNameSchema.optional(),
  plan: planInputSchema.optional(),
  guardrails: rampInputSchema.shape.guardrails,
  acceptance: rampInputSchema.shape.acceptance,
})
export type RampCreate = z.input<typeof rampCreateSchema>

export const rampsQuerySchema = listQuerySchema.extend({
  /** A member's ramp is its group's. */
  mappingId: idSchema.optional(),
  groupId: idSchema.optional(),
})

/** A stage that was entered, and what of the acceptance criteria it met. */
export const rampVisitSchema = z.object({
  stage: z.int(),
  percent: percentSchema,
  enteredAt: timestampSchema,
  /** Null while it lasts. */
  leftAt: timestampSchema.nullable(),
  acceptance: z.array(acceptanceResultSchema),
})

/** Where a ramp stands now. Durations in ms. */
export const rampRunSchema = z.object({
  /** Rises with every change of state, not with the clock. */
  version: z.int(),
  status: rampStatusSchema,
  ending: z.enum(['complete', 'below-100', 'rolled-back', 'stopped']).nullable(),
  pausedBy: z.enum(['person', 'hand-move', 'guardrail']).nullable(),
  /** Index into the plan's stages; -1 before the first. Acts on a stage name it as `leaving`. */
  stage: z.int().min(-1),
  /** The share in force, whoever set it. */
  percent: percentSchema,
  enteredAt: timestampSchema.nullable(),
  heldMs: z.number(),
  remainingHoldMs: z.number(),
  extraHoldMs: z.number(),
  /** Spent in this stage with waiting for anything but the hold. */
  waitedMs: z.number(),
  waitsFor: waitsForSchema.nullable(),
  waitsSince: timestampSchema.nullable(),
  /** One sentence: why it is where it is, and what would move it. */
  words: z.string(),
  /** Comparable requests on new in this stage; of a group, of the member with the fewest. */
  requestsOnNew: z.number(),
  ticked: z.array(z.object({ itemId: idSchema, by: z.string(), at: timestampSchema })),
  approval: z.object({ by: z.string(), at: timestampSchema }).nullable(),
  /** Somebody was called during this stage. */
  calledAt: timestampSchema.nullable(),
  serviceVersion: z.string().nullable(),
  /** Of a stepped roll back. */
  nextStepAt: timestampSchema.nullable(),
  /** What is watched more closely on new right now. */
  sampling: samplingSchema.nullable(),
  pointOfNoReturn: z.boolean(),
})

export const rampViewSchema = z.object({
  ...storedFields,
  target: z.object({ kind: z.enum(['mapping', 'group']), id: idSchema, name: nameSchema }),
  /** Of the target: itself, or the group's members. */
  mappings: z.array(z.object({ id: idSchema, name: nameSchema })),
  plan: planViewSchema,
  guardrails,
  acceptance,
  run: rampRunSchema,
  /** The last time guardrails were judged; null before the first. */
  judgedAt: timestampSchema.nullable(),
  judgements: z.array(judgementSchema),
  /** Why legacy is in worse health, so that nobody is sent there automatically; null while it is not. */
  legacyIsWorse: z.string().nullable(),
})
export type RampView = z.infer<typeof rampViewSchema>

/** One ramp by itself also says how its stages did. Its history: `GET /changes?objectId=<ramp id>`. */
export const rampDetailSchema = rampViewSchema.extend({
  /** In the order they were entered. */
  visits: z.array(rampVisitSchema),
  /** Over the whole ramp. */
  acceptanceResults: z.array(acceptanceResultSchema),
})
export type RampDetail = z.infer<typeof rampDetailSchema>

/** Acts on a ramp. `leaving` is the stage that was on the screen: another one is refused with `stage_left`. */
const reason = reasonSchema.optional()
const leaving = z.int().min(-1).max(100)
export const rampActBodies = {
  start: z.strictObject({ reason }),
  pause: z.strictObject({ reason }),
  resume: z.strictObject({ reason }),
  /** Goes on with the plan from the share in force, after it was moved by hand. */
  'resume-from-here': z.strictObject({ reason }),
  advance: z.strictObject({ leaving, reason }),
  /** Over stages, to the one named. */
  skip: z.strictObject({ leaving, to: leaving, reason }),
  'hold-longer': z.strictObject({ leaving, ms: z.int(), reason }),
  checklist: z.strictObject({ leaving, itemId: idSchema, done: z.boolean(), reason }),
  approve: z.strictObject({ leaving, reason }),
  /** Gives up the rest of the plan; the share stays. */
  stop: z.strictObject({ reason }),
  /** Walks the plan down, one stage at a time. */
  'step-back': z.strictObject({ reason }),
  /** A remark for the history. */
  note: z.strictObject({ text: z.string().trim().min(1).max(500) }),
} as const
export type RampActName = keyof typeof rampActBodies

export const templateViewSchema = z.object({
  name: templateNameSchema,
  title: z.string(),
  words: z.string(),
  plan: planViewSchema,
})
export type TemplateView = z.infer<typeof templateViewSchema>
export const templatesViewSchema = z.object({ items: z.array(templateViewSchema) })

/** Before starting: how long each stage takes to have enough data, at the traffic of the last day. */
export const forecastInputSchema = z.strictObject({
  environmentId: idSchema.default('default'),
  target: rampTargetSchema,
  plan: planInputSchema,
  guardrails: rampInputSchema.shape.guardrails,
})
export const forecastSchema = z.object({
  /** Requests a second of the mapping with the least traffic. */
  requestsPerSecond: z.number(),
  /** `At about 12 requests an hour and 1 %, enough data in about 6 days; at 10 %, 14 h`. */
  words: z.string(),
  stages: z.array(
    z.object({
      percent: percentSchema,
      /** Null for never at this rate. */
      enoughDataMs: z.number().nullable(),
      /** The longer of that and the hold. */
      atLeastMs: z.number().nullable(),
    }),
  ),
})
export type Forecast = z.infer<typeof forecastSchema>
