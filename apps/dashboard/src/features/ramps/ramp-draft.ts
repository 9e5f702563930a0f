import { rampInputSchema, type RampDetail, type RampInput } from '@crossfade/contracts/api/ramps'
import type { FieldError } from '@crossfade/contracts/problems'
import { planOf, type PlanView, type StageView } from '@crossfade/contracts/ramp'
import { under } from '@crossfade/core/field-error'
import { problemsOfGuardrail } from '@crossfade/core/guardrail/guardrail-problems'
import { problemsOfPlan } from '@crossfade/core/ramp/plan-problems'
import { newIdempotencyKey } from '../../shared/idempotency-key.ts'
import { issuesOf } from '../../shared/forms/use-save.ts'

/** A number that may be missing while somebody types. */
type Typed = number | null

export type StageDraft = Omit<StageView, 'percent' | 'holdMs' | 'minimumRequests'> & {
  readonly percent: Typed
  readonly holdMs: Typed
  readonly minimumRequests: Typed
}
export type GuardrailDraft = RampDetail['guardrails'][number]
export type CriterionDraft = RampDetail['acceptance'][number]

export interface RampDraft {
  readonly plan: Omit<PlanView, 'stages'> & { readonly stages: readonly StageDraft[] }
  readonly guardrails: readonly GuardrailDraft[]
  readonly acceptance: readonly CriterionDraft[]
}

/** Ids within one ramp. */
export function freshId(): string {
  return newIdempotencyKey().slice(0, 12)
}

/** Begun from a template, or from what the ramp is. */
export function draftOf(
  plan: PlanView,
  guardrails: readonly GuardrailDraft[],
  acceptance: readonly CriterionDraft[],
): RampDraft {
  return { plan, guardrails, acceptance }
}

export const customPlan: PlanView = {
  template: 'custom',
  stages: [freshStage(10), freshStage(100)],
  stepBackMs: 300_000,
  onNewVersion: 'restart',
}

/** One more stage, halfway between the last and everybody. */
export function nextStage(stages: readonly StageDraft[]): StageDraft {
  const last = stages.at(-1)
  const percent = Math.min(100, Math.max(1, Math.ceil(((last?.percent ?? 0) + 100) / 2)))
  return { ...freshStage(percent), holdMs: last?.holdMs ?? 3_600_000 }
}

function freshStage(percent: number): StageView {
  return {
    percent,
    gate: 'automatic',
    holdMs: 3_600_000,
    minimumRequests: 50,
    checklist: [],
    maxWaitMs: 7_200_000,
    sampling: { logPercent: 100, tracePercent: 10, shadowPercent: 0 },
  }
}

export type Checked =
  | { readonly input: RampInput; readonly issues: readonly [] }
  | { readonly input: null; readonly issues: readonly FieldError[] }

/** What would be sent, or all that is wrong with it: the same rules the server goes by. */
export function checkDraft(draft: RampDraft): Checked {
  const parsed = rampInputSchema.safeParse(draft)
  if (!parsed.success) return { input: null, issues: issuesOf(parsed).map(inPlainWords) }
  const { plan, guardrails = [] } = parsed.data
  const issues = [
    ...under('plan', problemsOfPlan(planOf(plan))).map(({ path, message }) => ({
      path: path.replace(/\.share$/, '.percent'),
      message,
    })),
    ...guardrails.flatMap((one, index) => under(`guardrails.${index}`, problemsOfGuardrail(one))),
  ]
  return issues.length > 0 ? { input: null, issues } : { input: parsed.data, issues: [] }
}

function inPlainWords({ path, message }: FieldError): FieldError {
  return { path, message: message.includes('expected number') ? 'Give a number' : message }
}

const places =
  /^(plan\.stages\.\d+\.(percent|holdMs|gate|minimumRequests|maxWaitMs|checklist\.\d+\.text|sampling\.\w+)|plan\.(stepBackMs|onNewVersion)|guardrails\.\d+\.(name|client|windowMs|minimumSample|limit\.(max|factor|plus|tolerates|outOf))|acceptance\.\d+\.(atMost|minimumSample))$/

/** Where an error of the API stands on the form; null where there is no place for it. */
export function rampFieldOf(path: string): string | null {
  return places.test(path) ? path : null
}
