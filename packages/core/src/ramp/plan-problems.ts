import type { FieldError } from '../field-error.ts'
import { WHOLE } from '../model.ts'
import { shareWords } from '../words.ts'
import type { Plan, Stage } from './model.ts'

const MAX_STAGES = 50
const LONGEST_MS = 365 * 86_400_000

/** Everything wrong with a plan, by field; empty when it can be used. */
export function problemsOfPlan(plan: Plan): FieldError[] {
  const problems: FieldError[] = []
  const no = (path: string, message: string) => problems.push({ path, message })
  if (plan.stages.length === 0) no('stages', 'A plan has at least one stage')
  if (plan.stages.length > MAX_STAGES) no('stages', `A plan has at most ${MAX_STAGES} stages`)
  if (!isDuration(plan.stepBackMs) || plan.stepBackMs < 1_000)
    no('stepBackMs', 'Give a whole number of ms, at least 1 s')
  let last = 0
  for (const [index, stage] of plan.stages.entries()) {
    const at = `stages.${index}`
    if (!Number.isInteger(stage.share) || stage.share < 1 || stage.share > WHOLE)
      no(`${at}.share`, 'A stage has a share above 0 and up to 100 %')
    else if (stage.share <= last)
      no(`${at}.share`, `Stages rise: ${shareWords(stage.share)} is not above ${shareWords(last)}`)
    last = Math.max(last, stage.share)
    problems.push(...problemsOfStage(stage, at))
  }
  return problems
}

function* problemsOfStage(stage: Stage, at: string): Generator<FieldError> {
  if (!isDuration(stage.holdMs))
    yield { path: `${at}.holdMs`, message: 'Give a whole number of ms, at most a year' }
  if (!Number.isInteger(stage.minimumRequests) || stage.minimumRequests < 0)
    yield { path: `${at}.minimumRequests`, message: 'Give a whole number from 0' }
  if (stage.maxWaitMs !== null && (!isDuration(stage.maxWaitMs) || stage.maxWaitMs < 1_000))
    yield { path: `${at}.maxWaitMs`, message: 'Give a whole number of ms, at least 1 s, or nothing' }
  if (new Set(stage.checklist.map(({ id }) => id)).size !== stage.checklist.length)
    yield { path: `${at}.checklist`, message: 'Two items have the same id' }
  for (const [key, percent] of Object.entries(stage.sampling ?? {})) {
    if (!Number.isInteger(percent) || percent < 0 || percent > 100)
      yield { path: `${at}.sampling.${key}`, message: 'Give whole percent, 0 to 100' }
  }
}

function isDuration(ms: number): boolean {
  return Number.isInteger(ms) && ms >= 0 && ms <= LONGEST_MS
}
