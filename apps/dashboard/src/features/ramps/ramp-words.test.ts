import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { describe, expect, it } from 'vitest'
import { rampDetail } from '../../testing/ramps.ts'
import { checkAct, skipTargets } from './act-check.ts'
import { criterionWords } from './criterion-words.ts'
import { guardrailSentence } from './guardrail-words.ts'
import { checkDraft, customPlan, draftOf, rampFieldOf } from './ramp-draft.ts'
import { gateWords, stageLooks } from './stage-looks.ts'

const now = Date.parse('2023-11-14T22:13:20.000Z')

describe('a guardrail in words', () => {
  it('says metric, limit, sample and consequence', () => {
    expect(defaultGuardrails().map(guardrailSentence)).toEqual([
      'Errors (5xx, timeouts, broken connections): at most 10 % above legacy plus 0.05 points, judged from 50 requests on; beyond it, everybody goes back to legacy.',
      'Client errors (4xx): at most 10 % above legacy plus 0.5 points, judged from 50 requests on; beyond it, everybody goes back to legacy.',
      'Latency p95: at most 10 % slower than legacy (0.2 % of requests tolerated), judged from 50 requests on; beyond it, everybody goes back to legacy.',
      'Latency p99: at most 25 % slower than legacy (0.1 % of requests tolerated), judged from 50 requests on; beyond it, people are told.',
      'Breaker openings: at most 3 over 5 min, judged from 50 requests on; beyond it, the ramp pauses.',
    ])
  })

  it('says that a dry run acts on nothing', () => {
    const [errors] = defaultGuardrails()
    if (errors === undefined) throw new Error('no guardrail')
    expect(guardrailSentence({ ...errors, dryRun: true, client: 'ios' })).toContain(
      'of ios clients: at most 10 % above legacy plus 0.05 points, judged from 50 requests on; beyond it, it is only recorded.',
    )
  })
})

describe('stages', () => {
  it('are skipped where the ramp never was, and not reached after a roll back', () => {
    const [first, second] = rampDetail().visits
    if (first === undefined || second === undefined) throw new Error('no visits')
    const jumped = rampDetail({ stage: 2 }, { visits: [first, { ...second, stage: 2 }] })
    expect(stageLooks(jumped)).toEqual(['done', 'skipped', 'active', 'next', 'later'])
    const back = rampDetail({ status: 'ended', ending: 'rolled-back' })
    expect(stageLooks(back)).toEqual(['left', 'left', 'never', 'never', 'never'])
  })

  it('say what lets them be left', () => {
    expect(gateWords({ gate: 'manual', holdMs: 3_600_000 }, false)).toBe('1 h, then when a person says so')
    expect(gateWords({ gate: 'automatic', holdMs: 0 }, true)).toBe('then the plan ends')
  })
})

describe('what may be done', () => {
  it('follows the state of the ramp, in the words of the server', () => {
    expect(checkAct(rampDetail(), 'resume', now).why).toBe('The ramp is not paused')
    expect(checkAct(rampDetail({ status: 'ready', stage: -1, percent: 0 }), 'start', now).why).toBe('')
    expect(checkAct(rampDetail({ pointOfNoReturn: true }), 'step-back', now).why).toContain('no way back')
    expect(checkAct(rampDetail({ stage: 4, percent: 100 }), 'advance', now)).toEqual({
      why: 'This is the last stage of the plan',
      needsReason: '',
    })
  })

  it('skips past the next stage, never beyond the plan', () => {
    expect(skipTargets(rampDetail(), now)).toEqual([3, 4])
  })
})

describe('a plan being written', () => {
  it('is refused for the field that is wrong, which has a place on the form', () => {
    const draft = draftOf(customPlan, defaultGuardrails(), [])
    const { issues } = checkDraft({
      ...draft,
      plan: { ...draft.plan, stages: [{ ...customPlan.stages[0], percent: null }] as never },
    })
    expect(issues).toEqual([{ path: 'plan.stages.0.percent', message: 'Give a number' }])
    expect(issues.map(({ path }) => rampFieldOf(path))).toEqual(['plan.stages.0.percent'])
    expect(rampFieldOf('target.id')).toBeNull()
  })

  it('is good as every template leaves it', () => {
    expect(checkDraft(draftOf(customPlan, defaultGuardrails(), [])).issues).toEqual([])
  })
})

describe('a target in words', () => {
  it('names its number and sample', () => {
    expect(
      criterionWords({
        id: 'a',
        metric: { kind: 'latency', quantile: 0.95 },
        atMost: 250,
        minimumSample: 100,
      }),
    ).toBe('Latency p95 at most 250 ms, over at least 100 requests')
  })
})
