import { aPlan, aStage } from '@crossfade/testkit/ramp-builders'
import { describe, expect, it } from 'vitest'
import { problemsOfPlan } from './plan-problems.ts'
import { customPlan, planFrom, templateNames } from './templates.ts'

describe('templates', () => {
  it.each([
    ['careful', [1, 5, 25, 50, 100]],
    ['three-phases', [1, 10, 25, 50, 75, 100]],
    ['checklist', [1, 10, 50, 100]],
    ['quick', [10, 50, 100]],
  ] as const)('%s climbs %j', (name, percents) => {
    expect(planFrom(name).stages.map(({ share }) => share / 100)).toEqual(percents)
  })

  it('are copied: two ramps share nothing', () => {
    for (const name of templateNames) {
      const [one, two] = [planFrom(name), planFrom(name)]
      expect(one).toEqual(two)
      expect(one.stages[0]).not.toBe(two.stages[0])
      expect(one.stages[0]?.sampling).not.toBe(two.stages[0]?.sampling)
    }
  })

  it('and plans of one’s own can be used as they are', () => {
    for (const name of templateNames) expect(problemsOfPlan(planFrom(name))).toEqual([])
    expect(problemsOfPlan(customPlan([0.05, 25], 60_000))).toEqual([])
  })
})

describe('a plan that cannot be used', () => {
  it.each([
    ['has no stages', aPlan({ stages: [] }), 'stages'],
    ['does not rise', aPlan({ stages: [aStage(10), aStage(10)] }), 'stages.1.share'],
    ['has a stage beyond 100 %', aPlan({ stages: [aStage(101)] }), 'stages.0.share'],
    ['has a stage at 0 %', aPlan({ stages: [aStage(0)] }), 'stages.0.share'],
    ['holds for half a millisecond', aPlan({ stages: [aStage(1, { holdMs: 0.5 })] }), 'stages.0.holdMs'],
    ['never waits', aPlan({ stages: [aStage(1, { maxWaitMs: 0 })] }), 'stages.0.maxWaitMs'],
    [
      'asks for -1 request',
      aPlan({ stages: [aStage(1, { minimumRequests: -1 })] }),
      'stages.0.minimumRequests',
    ],
    ['steps back at once', aPlan({ stepBackMs: 0 }), 'stepBackMs'],
    [
      'samples 101 %',
      aPlan({
        stages: [aStage(1, { sampling: { logPercent: 101, tracePercent: 0, shadowPercent: 0 } })],
      }),
      'stages.0.sampling.logPercent',
    ],
    [
      'has two items of one id',
      aPlan({
        stages: [
          aStage(1, {
            checklist: [
              { id: 'a', text: 'x', required: true },
              { id: 'a', text: 'y', required: true },
            ],
          }),
        ],
      }),
      'stages.0.checklist',
    ],
  ])('%s', (_what, plan, path) => {
    expect(problemsOfPlan(plan).map((problem) => problem.path)).toEqual([path])
  })
})
