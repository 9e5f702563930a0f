import { aJudgement, aPlan, aStage } from '@crossfade/testkit/ramp-builders'
import { describe, expect, it } from 'vitest'
import { pause, rollBack } from './person-acts.ts'
import { MINUTE, TestRamp } from '@crossfade/testkit/test-ramp'
import { samplingOf } from './state.ts'
import { whyItWaits } from './waiting.ts'

const act = { by: 'ada', at: 0, reason: null, leaving: 0 }

it('an active stage watches new more closely, and lets go after', () => {
  const sampling = { logPercent: 100, tracePercent: 50, shadowPercent: 5 }
  const ramp = new TestRamp(aPlan({ stages: [aStage(10, { sampling }), aStage(100)] }))
  expect(samplingOf(ramp.plan, ramp.state)).toBe(null)
  const started = TestRamp.started(ramp.plan)
  expect(samplingOf(ramp.plan, started.state)).toEqual(sampling)
  expect(samplingOf(ramp.plan, started.wait(11 * MINUTE).state)).toBe(null)
  const back = TestRamp.started(ramp.plan)
  back.does((state) => rollBack(state, act, false))
  expect(samplingOf(ramp.plan, back.state)).toBe(null)
})

describe('why a ramp waits, in words', () => {
  it.each([
    ['the hold', {}, 'In stage 1 of 2 (10 %): healthy for 4 min, 6 min to go.'],
    ['requests', { requestsOnNew: 3 }, 'In stage 1 of 2 (10 %): 3 of 50 requests on new so far.'],
    [
      'numbers',
      { judgements: [aJudgement({ verdict: 'error', words: 'agent edge-2 has been silent for 20 s' })] },
      'In stage 1 of 2 (10 %): Errors has no numbers (agent edge-2 has been silent for 20 s).',
    ],
  ])('%s', (_what, inputs, words) => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { minimumRequests: 50 }), aStage(100)] }))
    ramp.tick()
    ramp.wait(4 * MINUTE)
    ramp.inputs = inputs
    expect(whyItWaits(ramp.plan, ramp.state, ramp.known(), ramp.now)).toBe(words)
  })

  it('a person who paused it, with the hold that is left', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.tick()
    ramp.wait(4 * MINUTE)
    ramp.does((state) => pause(ramp.plan, state, { ...act, at: ramp.now }))
    expect(whyItWaits(ramp.plan, ramp.state, ramp.known(), ramp.now)).toBe(
      'Paused by a person. 6 min of the hold are left.',
    )
  })
})
