import { describe, expect, it } from 'vitest'
import { planFrom, templateNames } from '@crossfade/core/ramp/templates'
import { rampCreateSchema } from './api/ramps.ts'
import { planInputSchema, planOf, planViewOf } from './ramp.ts'

describe('a plan', () => {
  it.each(templateNames)('%s survives the way to people and back', (name) => {
    const plan = planFrom(name)
    expect(planOf(planInputSchema.parse(planViewOf(plan)))).toEqual(plan)
  })

  it('is complete with percents and holds', () => {
    const plan = planOf(planInputSchema.parse({ stages: [{ percent: 0.05, holdMs: 60_000 }] }))
    expect(plan).toMatchObject({
      template: 'custom',
      onNewVersion: 'restart',
      stages: [{ share: 5, gate: 'automatic', maxWaitMs: 3_600_000, checklist: [], sampling: null }],
    })
  })

  it('calls nobody where it says so', () => {
    const stages = [{ percent: 1, holdMs: 0, maxWaitMs: null }]
    expect(planOf(planInputSchema.parse({ stages })).stages[0]?.maxWaitMs).toBeNull()
  })

  it.each([
    ['plan.stages.0.percent', { stages: [{ percent: 0.001, holdMs: 1 }] }],
    ['plan.stages.0.holdMs', { stages: [{ percent: 1, holdMs: -1 }] }],
    ['plan.stages', { stages: [] }],
    ['plan.stages.0.gate', { stages: [{ percent: 1, holdMs: 1, gate: 'sometimes' }] }],
  ])('names %s when it is not acceptable', (path, plan) => {
    const { error } = rampCreateSchema.safeParse({ target: { kind: 'mapping', id: 'm' }, plan })
    expect(error?.issues.map((issue) => issue.path.join('.'))).toEqual([path])
  })
})
