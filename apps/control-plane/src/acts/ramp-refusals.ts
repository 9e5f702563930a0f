import { Problem, type ProblemCode } from '@crossfade/contracts/problems'
import { problemsOfGuardrail } from '@crossfade/core/guardrail/guardrail-problems'
import { under } from '@crossfade/core/field-error'
import type { RefusalCode } from '@crossfade/core/ramp/model'
import { problemsOfPlan } from '@crossfade/core/ramp/plan-problems'
import type { Refused } from '@crossfade/core/ramp/refusals'
import type { RampDefinition } from '../store/ramps.ts'
import { refuseIf } from './refusals.ts'

const CODES: Readonly<Record<RefusalCode, ProblemCode>> = {
  stage_left: 'stage_left',
  not_ready: 'ramp_state',
  not_running: 'ramp_state',
  not_paused: 'ramp_state',
  ended: 'ramp_state',
  last_stage: 'ramp_state',
  reason_missing: 'reason_required',
  checklist_open: 'checklist_open',
  approval_missing: 'approval_required',
  guardrail_fails: 'guardrail_fails',
  freeze: 'freeze',
  stop_the_line: 'stop_the_line',
  share_moved: 'share_moved',
  share_beyond_plan: 'share_moved',
  unknown_item: 'invalid_input',
  unknown_stage: 'invalid_input',
  bad_duration: 'invalid_input',
  point_of_no_return: 'point_of_no_return',
}
const FIELDS: Partial<Record<RefusalCode, string>> = {
  reason_missing: 'reason',
  unknown_item: 'itemId',
  unknown_stage: 'to',
  bad_duration: 'ms',
}

/** Core's refusal as the API says it. */
export function problemOf({ code, words }: Refused): Problem {
  const field = FIELDS[code]
  const errors = field === undefined ? [] : [{ path: field, message: words }]
  return new Problem(CODES[code], { detail: words, errors })
}

/** Refuses plans and guardrails that make no sense, naming each field. */
export function refuseUnsound({ plan, guardrails, acceptance }: RampDefinition): void {
  refuseIf(under('plan', problemsOfPlan(plan).map(asWritten)), 'invalid_plan')
  refuseIf(twice('acceptance', acceptance), 'invalid_input')
  const at = (index: number) => `guardrails.${index}`
  refuseIf(
    guardrails.flatMap((guardrail, index) => under(at(index), problemsOfGuardrail(guardrail))),
    'invalid_guardrail',
  )
  refuseIf(twice('guardrails', guardrails), 'invalid_guardrail')
}

/** People write percents. */
function asWritten({ path, message }: { readonly path: string; readonly message: string }) {
  return { path: path.replace(/\.share$/, '.percent'), message }
}

function twice(path: string, items: readonly { readonly id: string }[]) {
  return items.flatMap(({ id }, index) => {
    const isSecond = items.findIndex((one) => one.id === id) < index
    return isSecond ? [{ path: `${path}.${index}.id`, message: 'Two have the same id' }] : []
  })
}
