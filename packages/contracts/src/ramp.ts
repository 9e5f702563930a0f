import { z } from 'zod'
import type { ChecklistItem, Plan, SamplingRaise, Stage } from '@crossfade/core/ramp/model'
import { templateNames } from '@crossfade/core/ramp/templates'
import { idSchema, nameSchema } from './entities.ts'
import { percentOfShare, percentSchema, shareOfPercent } from './percent.ts'

/** A plan as people write it: percents instead of basis points. What it means is core's `problemsOfPlan`. */
const HOUR_MS = 3_600_000
const durationSchema = z
  .int()
  .min(0)
  .max(365 * 24 * HOUR_MS)

export const checklistItemSchema = z.strictObject({
  id: idSchema,
  text: z.string().trim().min(1).max(500),
  required: z.boolean().default(true),
}) satisfies z.ZodType<ChecklistItem>

const wholePercent = z.int().min(0).max(100)
export const samplingSchema = z.strictObject({
  logPercent: wholePercent,
  tracePercent: wholePercent,
  shadowPercent: wholePercent,
}) satisfies z.ZodType<SamplingRaise>

/** `maxWaitMs` left out is twice the hold, and at least an hour; null calls nobody. */
export const stageInputSchema = z.strictObject({
  percent: percentSchema,
  gate: z.enum(['automatic', 'manual', 'approval']).default('automatic'),
  holdMs: durationSchema,
  minimumRequests: z.int().min(0).max(1_000_000_000).default(50),
  checklist: z.array(checklistItemSchema).max(50).default([]),
  maxWaitMs: durationSchema.nullable().optional(),
  sampling: samplingSchema.nullable().default(null),
})
export const stageViewSchema = stageInputSchema.extend({
  gate: stageInputSchema.shape.gate.unwrap(),
  minimumRequests: z.int(),
  checklist: stageInputSchema.shape.checklist.unwrap(),
  maxWaitMs: z.int().nullable(),
  sampling: samplingSchema.nullable(),
})
export type StageView = z.infer<typeof stageViewSchema>

export const planInputSchema = z.strictObject({
  /** The template it was copied from; only a name. */
  template: nameSchema.default('custom'),
  stages: z.array(stageInputSchema).min(1).max(50),
  stepBackMs: durationSchema.default(300_000),
  onNewVersion: z.enum(['restart', 'step-back']).default('restart'),
})
export type PlanInput = z.input<typeof planInputSchema>
export const planViewSchema = planInputSchema.extend({
  template: z.string(),
  stages: z.array(stageViewSchema),
  stepBackMs: z.int(),
  onNewVersion: planInputSchema.shape.onNewVersion.unwrap(),
})
export type PlanView = z.infer<typeof planViewSchema>

export const templateNameSchema = z.enum(templateNames)

export const rampStatusSchema = z.enum(['ready', 'running', 'paused', 'stepping-back', 'ended'])
export const waitsForSchema = z.enum([
  'hold',
  'sample',
  'metrics',
  'guardrail',
  'legacy-health',
  'checklist',
  'person',
  'approval',
  'freeze',
  'stop-the-line',
])
/** From what people wrote to what core reckons with. */
export function planOf(input: z.output<typeof planInputSchema> | PlanView): Plan {
  return {
    template: input.template,
    stages: input.stages.map(({ percent, maxWaitMs, ...stage }): Stage => {
      return {
        ...stage,
        share: shareOfPercent(percent),
        maxWaitMs: maxWaitMs === undefined ? Math.max(2 * stage.holdMs, HOUR_MS) : maxWaitMs,
      }
    }),
    stepBackMs: input.stepBackMs,
    onNewVersion: input.onNewVersion,
  }
}

export function planViewOf(plan: Plan): PlanView {
  return {
    template: plan.template,
    stages: plan.stages.map(({ share, checklist, sampling, ...stage }) => ({
      ...stage,
      percent: percentOfShare(share),
      checklist: checklist.map((item) => ({ ...item })),
      sampling: sampling && { ...sampling },
    })),
    stepBackMs: plan.stepBackMs,
    onNewVersion: plan.onNewVersion,
  }
}
