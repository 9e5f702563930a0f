import { aJudgement, aPlan, aStage } from '@crossfade/testkit/ramp-builders'
import { describe, expect, it } from 'vitest'
import { advance, skip } from './going-on.ts'
import type { Outcome, PersonAct } from './model.ts'
import {
  approve,
  handMove,
  holdLonger,
  pause,
  resume,
  resumeFromHere,
  rollBack,
  start,
  steppedRollBack,
  stop,
  tickItem,
} from './person-acts.ts'
import { MINUTE, TestRamp } from '@crossfade/testkit/test-ramp'

const ada = (ramp: TestRamp, parts: Partial<PersonAct> = {}): PersonAct => ({
  by: 'ada',
  at: ramp.now,
  reason: null,
  leaving: ramp.state.stage,
  ...parts,
})
const codeOf = (outcome: Outcome) => (outcome.ok ? 'done' : outcome.code)

describe('going on by hand (rule 13)', () => {
  it('through a manual gate takes no reason, and is audited with the stage it leaves', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { gate: 'manual' }), aStage(100)] }))
    ramp.wait(11 * MINUTE)
    ramp.does((state) => advance(ramp.plan, state, ada(ramp), ramp.known()))
    expect(ramp.last).toMatchObject({
      kind: 'advanced',
      by: 'ada',
      from: { stage: 0, share: 1_000 },
      to: { stage: 1, share: 10_000 },
    })
  })

  it('(k) two approvals race for one stage: one stage advanced', () => {
    const ramp = TestRamp.started(
      aPlan({ stages: [aStage(10, { gate: 'approval' }), aStage(50), aStage(100)] }),
    )
    ramp.wait(11 * MINUTE)
    const [ann, bob] = [ada(ramp, { by: 'ann' }), ada(ramp, { by: 'bob' })]
    ramp.does((state) => approve(ramp.plan, state, ann))
    ramp.does((state) => advance(ramp.plan, state, ann, ramp.known()))
    expect(codeOf(approve(ramp.plan, ramp.state, bob))).toBe('stage_left')
    expect(codeOf(advance(ramp.plan, ramp.state, bob, ramp.known()))).toBe('stage_left')
    expect(ramp.state.stage).toBe(1)
  })

  it('before the hold is over, or without verdicts, takes a reason', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('reason_missing')
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp, { reason: ' ' }), ramp.known()))).toBe(
      'reason_missing',
    )
    const reason = 'tested by hand'
    ramp.does((state) => advance(ramp.plan, state, ada(ramp, { reason }), ramp.known()))
    expect(ramp.last).toMatchObject({ kind: 'advanced', reason })
    ramp.wait(20 * MINUTE)
    ramp.inputs = { judgements: [aJudgement({ verdict: 'error' })] }
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('reason_missing')
  })

  it.each([
    ['a failing guardrail', 'guardrail_fails', { judgements: [aJudgement({ verdict: 'fail' })] }],
    ['a freeze', 'freeze', { freeze: { name: 'Easter', until: 5 } }],
    ['stop-the-line', 'stop_the_line', { stopTheLine: { by: 'sam' } }],
    ['a missing approval', 'approval_missing', { raiseNeedsApproval: true }],
    ['a share that somebody moved', 'share_moved', { shareInForce: 1_200 }],
  ] as const)('is refused past %s, whatever the reason', (_what, code, inputs) => {
    const ramp = TestRamp.started(aPlan()).wait(11 * MINUTE)
    const before = ramp.state
    ramp.inputs = inputs
    expect(codeOf(advance(ramp.plan, before, ada(ramp, { reason: 'because' }), ramp.known()))).toBe(code)
  })

  it('is refused with an open checklist, at the end of the plan, and while paused', () => {
    const checklist = [{ id: 'a', text: 'Asked support', required: true }]
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { checklist }), aStage(100)] })).wait(
      11 * MINUTE,
    )
    const reason = 'because'
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp, { reason }), ramp.known()))).toBe('checklist_open')
    ramp.does((state) => tickItem(ramp.plan, state, ada(ramp), 'a', true))
    ramp.does((state) => pause(ramp.plan, state, ada(ramp)))
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp, { reason }), ramp.known()))).toBe('not_running')
    ramp.does((state) => resume(ramp.plan, state, ada(ramp), ramp.known()))
    ramp.does((state) => advance(ramp.plan, state, ada(ramp, { reason }), ramp.known()))
    expect(codeOf(advance(ramp.plan, ramp.state, ada(ramp, { reason }), ramp.known()))).toBe('last_stage')
  })

  it('over a stage takes a reason, and never over an approval or required items', () => {
    const item = { id: 'a', text: 'x', required: true }
    const open = TestRamp.started(aPlan()).wait(MINUTE)
    expect(codeOf(skip(open.plan, open.state, ada(open), open.known(), 2))).toBe('reason_missing')
    const act = ada(open, { reason: 'half is as good as all here' })
    expect(codeOf(skip(open.plan, open.state, act, open.known(), 1))).toBe('unknown_stage')
    expect(codeOf(skip(open.plan, open.state, act, open.known(), 3))).toBe('last_stage')
    open.does((state) => skip(open.plan, state, act, open.known(), 2))
    expect(open.last).toMatchObject({ kind: 'skipped', to: { stage: 2, share: 10_000 } })
    for (const [middle, code] of [
      [aStage(50, { gate: 'approval' }), 'approval_missing'],
      [aStage(50, { checklist: [item] }), 'checklist_open'],
    ] as const) {
      const ramp = TestRamp.started(aPlan({ stages: [aStage(10), middle, aStage(100)] })).wait(11 * MINUTE)
      const outcome = skip(ramp.plan, TestRamp.started(ramp.plan).state, act, ramp.known(), 2)
      expect(codeOf(outcome)).toBe(code)
    }
  })
})

describe('starting', () => {
  it('is refused during a freeze, twice, and when the share is beyond the first stage', () => {
    const ramp = new TestRamp(aPlan())
    ramp.inputs = { freeze: { name: 'x', until: null } }
    expect(codeOf(start(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('freeze')
    ramp.inputs = { shareInForce: 2_000 }
    expect(codeOf(start(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('share_moved')
    ramp.inputs = {}
    ramp.does((state) => start(ramp.plan, state, ada(ramp), ramp.known()))
    expect(codeOf(start(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('not_ready')
  })

  it('again after a roll back is possible', () => {
    const ramp = TestRamp.started(aPlan()).wait(11 * MINUTE)
    ramp.does((state) => rollBack(state, ada(ramp), false))
    ramp.does((state) => start(ramp.plan, state, ada(ramp), ramp.known()))
    expect(ramp.state).toMatchObject({ status: 'running', stage: 0, share: 1_000, ending: null })
    expect(ramp.wait(9 * MINUTE).state.stage).toBe(0)
  })
})

describe('resume from here (rule 14)', () => {
  it.each([
    ['between two stages: the lower one, at the share that was set', 3_000, 0, 3_000],
    ['on a stage', 5_000, 1, 5_000],
    ['below the first: the first', 500, 0, 1_000],
    ['at 0: the first', 0, 0, 1_000],
  ])('%s', (_what, to, stage, share) => {
    const ramp = TestRamp.started(aPlan()).wait(11 * MINUTE)
    if (to === 5_000) ramp.does((state) => handMove(ramp.plan, state, ada(ramp), 100))
    ramp.does((state) => handMove(ramp.plan, state, ada(ramp), to))
    ramp.does((state) => resumeFromHere(ramp.plan, state, ada(ramp), ramp.known()))
    expect(ramp.state).toMatchObject({ status: 'running', stage, share })
    expect(ramp.wait(9 * MINUTE).state.stage).toBe(stage)
    expect(ramp.wait(2 * MINUTE).state.stage).toBe(stage + 1)
  })

  it('may be paused and resumed in between two stages, until the share is moved again', () => {
    const ramp = TestRamp.started(aPlan()).wait(11 * MINUTE)
    ramp.does((state) => handMove(ramp.plan, state, ada(ramp), 3_000))
    ramp.does((state) => resumeFromHere(ramp.plan, state, ada(ramp), ramp.known()))
    ramp.does((state) => pause(ramp.plan, state, ada(ramp)))
    ramp.does((state) => resume(ramp.plan, state, ada(ramp), ramp.known()))
    expect(ramp.state).toMatchObject({ status: 'running', stage: 0, share: 3_000 })
    ramp.does((state) => pause(ramp.plan, state, ada(ramp)))
    ramp.does((state) => handMove(ramp.plan, state, ada(ramp), 2_000))
    expect(codeOf(resume(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('share_moved')
  })

  it('is refused beyond the end of the plan; plain resume where the share moved', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10), aStage(25)] }))
    ramp.does((state) => handMove(ramp.plan, state, ada(ramp), 4_000))
    expect(resumeFromHere(ramp.plan, ramp.state, ada(ramp), ramp.known())).toMatchObject({
      code: 'share_beyond_plan',
      words: '40 % is beyond the end of the plan, 25 %: lower it or change the plan',
    })
    expect(codeOf(resume(ramp.plan, ramp.state, ada(ramp), ramp.known()))).toBe('share_moved')
  })
})

describe('acts in a stage', () => {
  it('hold longer adds to the hold', () => {
    const ramp = TestRamp.started(aPlan())
    expect(codeOf(holdLonger(ramp.plan, ramp.state, ada(ramp), 0))).toBe('bad_duration')
    ramp.does((state) => holdLonger(ramp.plan, state, ada(ramp), 5 * MINUTE))
    expect(ramp.wait(14 * MINUTE).state.stage).toBe(0)
    expect(ramp.wait(2 * MINUTE).state.stage).toBe(1)
  })

  it('hold longer does not stand in for a tick that nobody made', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.tick()
    for (let minute = 0; minute < 20; minute++) {
      ramp.now += MINUTE
      ramp.does((state) => holdLonger(ramp.plan, state, ada(ramp), 1_000))
    }
    ramp.tick()
    expect(ramp.state.clock.heldMs).toBe(0)
  })

  it('name the stage they were meant for', () => {
    const ramp = TestRamp.started(aPlan()).wait(11 * MINUTE)
    const late = ada(ramp, { leaving: 0 })
    expect(codeOf(holdLonger(ramp.plan, ramp.state, late, MINUTE))).toBe('stage_left')
    expect(codeOf(tickItem(ramp.plan, ramp.state, late, 'a', true))).toBe('stage_left')
    expect(codeOf(tickItem(ramp.plan, ramp.state, ada(ramp), 'a', true))).toBe('unknown_item')
  })

  it('that say what is so already change nothing', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    const { state } = ramp
    expect(handMove(ramp.plan, state, ada(ramp), state.share)).toEqual({ ok: true, state, acts: [] })
    expect(handMove(ramp.plan, state, ada(ramp), 10_001)).toMatchObject({ code: 'share_beyond_plan' })
  })

  it('stop gives up the rest of the plan and leaves the share', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    ramp.does((state) => stop(ramp.plan, state, ada(ramp)))
    expect(ramp.wait(60 * MINUTE).state).toMatchObject({ status: 'ended', ending: 'stopped', share: 1_000 })
    expect(codeOf(stop(ramp.plan, ramp.state, ada(ramp)))).toBe('ended')
  })
})

describe('roll back (rule 19)', () => {
  it('works from every state, and twice is once', () => {
    for (const prepare of [
      (ramp: TestRamp) => ramp,
      (ramp: TestRamp) => ramp.wait(60 * MINUTE),
      (ramp: TestRamp) => {
        ramp.does((state) => pause(ramp.plan, state, ada(ramp)))
        return ramp
      },
    ]) {
      const ramp = prepare(TestRamp.started(aPlan()))
      ramp.does((state) => rollBack(state, ada(ramp), false))
      expect(ramp.state).toMatchObject({ share: 0, ending: 'rolled-back' })
      expect(rollBack(ramp.state, ada(ramp), false)).toEqual({ ok: true, state: ramp.state, acts: [] })
    }
  })

  it('is refused past the point of no return, with the reason', () => {
    const ramp = TestRamp.started(aPlan())
    expect(codeOf(rollBack(ramp.state, ada(ramp), true))).toBe('point_of_no_return')
    expect(codeOf(steppedRollBack(ramp.plan, ramp.state, ada(ramp), true))).toBe('point_of_no_return')
  })
})
