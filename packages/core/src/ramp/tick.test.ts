import { aJudgement, aPlan, aStage } from '@crossfade/testkit/ramp-builders'
import { describe, expect, it } from 'vitest'
import { MINUTE, TestRamp } from '@crossfade/testkit/test-ramp'
import { approve, handMove, pause, resume, rollBack, steppedRollBack, tickItem } from './person-acts.ts'
import { tick } from './tick.ts'

const failing = aJudgement({ verdict: 'fail', measured: 0.08, words: '8 % of new, 1 % of legacy' })
const act = (ramp: TestRamp, leaving = ramp.state.stage) => ({
  by: 'ada',
  at: ramp.now,
  reason: null,
  leaving,
})

describe('a ramp by itself (rule 13)', () => {
  it('climbs stage by stage, each after its hold, and is complete after the last', () => {
    const ramp = TestRamp.started(aPlan())
    expect(ramp.state).toMatchObject({ stage: 0, share: 1_000 })
    ramp.wait(9 * MINUTE)
    expect(ramp.state.share).toBe(1_000)
    ramp.wait(2 * MINUTE)
    expect(ramp.state.share).toBe(5_000)
    ramp.wait(30 * MINUTE)
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'complete', share: 10_000 })
    expect(ramp.kinds()).toEqual(['started', 'advanced', 'advanced', 'completed'])
    expect(ramp.acts[1]).toMatchObject({
      from: { stage: 0, share: 1_000 },
      to: { stage: 1, share: 5_000 },
      words: expect.stringContaining('From stage 1 of 3 (10 %) to stage 2 of 3 (50 %): healthy for 10 min'),
      evidence: [aJudgement()],
    })
  })

  it('ends below 100 % where the plan does, and says so', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10), aStage(25)] })).wait(30 * MINUTE)
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'below-100', share: 2_500 })
    expect(ramp.last?.words).toBe('The plan ends at 25 %')
  })

  it('raises its version with every change, and not while only time passes', () => {
    const ramp = TestRamp.started(aPlan()).wait(6_000)
    const { version } = ramp.state
    ramp.wait(MINUTE)
    expect(ramp.state.version).toBe(version)
    ramp.wait(10 * MINUTE)
    expect(ramp.state.version).toBeGreaterThan(version)
  })

  it('does not count time that nobody judged towards the hold', () => {
    const ramp = TestRamp.started(aPlan()).wait(5 * MINUTE)
    ramp.now += 60 * MINUTE
    ramp.tick()
    expect(ramp.state).toMatchObject({ stage: 0, clock: { heldMs: 5 * MINUTE - 3_000 } })
    expect(ramp.wait(5 * MINUTE + 6_000).state.stage).toBe(1)
  })
})

describe('verdicts', () => {
  it.each(['inconclusive', 'error'] as const)('%s holds: the share stays, the clock stands', (verdict) => {
    const ramp = TestRamp.started(aPlan()).wait(4 * MINUTE)
    ramp.inputs = { judgements: [aJudgement({ verdict })] }
    ramp.wait(60 * MINUTE)
    expect(ramp.state).toMatchObject({ share: 1_000, waitsFor: verdict === 'error' ? 'metrics' : 'sample' })
    ramp.inputs = {}
    ramp.wait(5 * MINUTE)
    expect(ramp.state.share).toBe(1_000)
    expect(ramp.wait(2 * MINUTE).state.share).toBe(5_000)
  })

  it('that are older than a minute are missing', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.inputs = { judgedAt: -61_000 }
    expect(ramp.wait(60 * MINUTE).state).toMatchObject({ share: 1_000, waitsFor: 'metrics' })
  })

  it('(e) one 5xx out of three requests: hold, not roll back', () => {
    const ramp = TestRamp.started(aPlan())
    const three = aJudgement({ verdict: 'inconclusive', measured: 1 / 3, sample: { legacy: 27, new: 3 } })
    ramp.inputs = { judgements: [three] }
    expect(ramp.wait(60 * MINUTE).state).toMatchObject({ status: 'running', share: 1_000 })
    expect(ramp.kinds()).not.toContain('rolled-back')
  })

  it('hold a stage that has seen fewer requests than it asks for', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { minimumRequests: 500 }), aStage(100)] }))
    ramp.inputs = { requestsOnNew: 499 }
    expect(ramp.wait(60 * MINUTE).state.share).toBe(1_000)
    ramp.inputs = { requestsOnNew: 500 }
    expect(ramp.wait(11 * MINUTE).state.share).toBe(10_000)
  })

  it('fail rolls back at the next tick, with the numbers that caused it', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    ramp.inputs = { judgements: [failing] }
    ramp.wait(3_000)
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'rolled-back', share: 0 })
    expect(ramp.last).toMatchObject({
      kind: 'rolled-back',
      by: null,
      cause: failing,
      from: { share: 1_000 },
      to: { share: 0 },
      words: 'Rolled back from 10 % by Errors. 8 % of new, 1 % of legacy',
    })
  })

  it('of one member of a group roll the whole group back', () => {
    const ramp = TestRamp.started(aPlan())
    const [books, authors] = ['books', 'authors'].map((mappingId) => ({
      key: `errors/${mappingId}`,
      mappingId,
    }))
    ramp.inputs = { judgements: [aJudgement(books), { ...failing, ...authors }] }
    ramp.wait(3_000)
    expect(ramp.state.share).toBe(0)
    expect(ramp.last?.cause?.mappingId).toBe('authors')
    expect(ramp.wait(60 * MINUTE).acts).toHaveLength(3)
  })

  it('fail of a guardrail that pauses, pauses', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    ramp.inputs = { judgements: [{ ...failing, action: 'pause' }] }
    ramp.wait(MINUTE)
    expect(ramp.state).toMatchObject({ status: 'paused', pausedBy: 'guardrail', share: 1_000 })
    expect(resume(ramp.plan, ramp.state, act(ramp), ramp.known())).toMatchObject({ code: 'guardrail_fails' })
  })

  it.each([
    ['an alert', { action: 'alert' }],
    ['a dry run', { dryRun: true }],
  ] as const)('fail of %s is told once and changes nothing', (_what, parts) => {
    const ramp = TestRamp.started(aPlan())
    ramp.inputs = { judgements: [{ ...failing, ...parts }] }
    ramp.wait(11 * MINUTE)
    expect(ramp.kinds()).toEqual(['started', 'verdict', 'advanced'])
    expect(ramp.acts[1]?.notify).toBe(!('dryRun' in parts))
  })

  it('are told when they change to or from fail and error, never one per tick', () => {
    const ramp = TestRamp.started(aPlan())
    for (const verdict of ['inconclusive', 'pass', 'error', 'pass', 'fail', 'fail', 'pass'] as const) {
      ramp.inputs = { judgements: [aJudgement({ verdict, action: 'alert' })] }
      ramp.wait(6_000)
    }
    const told = ramp.acts.filter(({ kind }) => kind === 'verdict').map(({ cause }) => cause?.verdict)
    expect(told).toEqual(['error', 'pass', 'fail', 'pass'])
  })
})

describe('guardrails are judged in every state (rule 17)', () => {
  const approvalPlan = aPlan({ stages: [aStage(25, { gate: 'approval' }), aStage(100)] })

  it('(f) breach while waiting for approval: rolled back', () => {
    const ramp = TestRamp.started(approvalPlan).wait(20 * MINUTE)
    expect(ramp.state.waitsFor).toBe('approval')
    ramp.inputs = { judgements: [failing] }
    expect(ramp.wait(3_000).state).toMatchObject({ ending: 'rolled-back', share: 0 })
  })

  it('(f) breach while waiting for approval, legacy worse: held, and a person called, once', () => {
    const ramp = TestRamp.started(approvalPlan).wait(20 * MINUTE)
    ramp.inputs = { judgements: [failing], legacyIsWorse: '40 % of legacy fail' }
    ramp.wait(10 * MINUTE)
    expect(ramp.state).toMatchObject({ status: 'running', share: 2_500, waitsFor: 'legacy-health' })
    const calls = ramp.acts.filter(({ callsPerson }) => callsPerson)
    expect(calls).toHaveLength(1)
    expect(calls[0]).toMatchObject({ kind: 'roll-back-withheld', cause: failing })
    ramp.inputs = { judgements: [failing] }
    expect(ramp.wait(3_000).state).toMatchObject({ ending: 'rolled-back', share: 0 })
  })

  it.each([
    ['paused', (ramp: TestRamp) => ramp.does((state) => pause(ramp.plan, state, act(ramp)))],
    ['complete at 100 %', (ramp: TestRamp) => ramp.wait(60 * MINUTE)],
    [
      'stepping back',
      (ramp: TestRamp) => {
        ramp.wait(11 * MINUTE)
        ramp.does((state) => steppedRollBack(ramp.plan, state, act(ramp), false))
      },
    ],
  ])('also when %s', (_state, arrive) => {
    const ramp = TestRamp.started(aPlan())
    arrive(ramp)
    expect(ramp.state.share).toBeGreaterThan(0)
    ramp.inputs = { judgements: [failing] }
    ramp.tick()
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'rolled-back', share: 0 })
  })

  it('but past the point of no return they only tell', () => {
    const ramp = TestRamp.started(aPlan()).wait(60 * MINUTE)
    ramp.inputs = { judgements: [failing], pointOfNoReturn: true }
    ramp.wait(MINUTE)
    expect(ramp.state.share).toBe(10_000)
    expect(ramp.last?.kind).toBe('verdict')
  })
})

describe('gates', () => {
  it('manual: waits for a person, and tells it once', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { gate: 'manual' }), aStage(100)] }))
    ramp.wait(60 * MINUTE)
    expect(ramp.state).toMatchObject({ stage: 0, waitsFor: 'person' })
    expect(ramp.kinds()).toEqual(['started', 'waits'])
  })

  it('approval: goes on when it is given', () => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { gate: 'approval' }), aStage(100)] }))
    ramp.wait(60 * MINUTE)
    ramp.does((state) => approve(ramp.plan, state, act(ramp)))
    expect(ramp.wait(3_000).state.share).toBe(10_000)
  })

  it('a required checklist item that nobody ticked holds; one that is not required does not', () => {
    const checklist = [
      { id: 'a', text: 'Looked at the logs', required: true },
      { id: 'b', text: 'Had a coffee', required: false },
    ]
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { checklist }), aStage(100)] }))
    ramp.wait(60 * MINUTE)
    expect(ramp.state.waitsFor).toBe('checklist')
    expect(ramp.last?.words).toContain('Looked at the logs')
    ramp.does((state) => tickItem(ramp.plan, state, act(ramp), 'a', true))
    expect(ramp.wait(3_000).state.share).toBe(10_000)
  })

  it('held up for longer than maxWait, a person is called, once', () => {
    const stages = [aStage(10, { maxWaitMs: 30 * MINUTE }), aStage(100)]
    const ramp = TestRamp.started(aPlan({ stages }))
    ramp.inputs = { judgements: [aJudgement({ verdict: 'inconclusive' })] }
    ramp.wait(29 * MINUTE)
    expect(ramp.kinds()).not.toContain('person-called')
    ramp.wait(120 * MINUTE)
    expect(ramp.kinds().filter((kind) => kind === 'person-called')).toHaveLength(1)
    expect(ramp.last).toMatchObject({
      callsPerson: true,
      words: expect.stringContaining('Held up for 30 min'),
    })
  })
})

describe('freezes and stop-the-line (rule 21)', () => {
  it.each([
    ['freeze', { freeze: { name: 'Christmas', until: null } }],
    ['stop-the-line', { stopTheLine: { by: 'sam' } }],
  ] as const)('%s lets the stage finish and stops the next; nobody is called', (waitsFor, inputs) => {
    const ramp = TestRamp.started(aPlan({ stages: [aStage(10, { maxWaitMs: MINUTE }), aStage(100)] }))
    ramp.inputs = inputs
    ramp.wait(9 * MINUTE)
    expect(ramp.state).toMatchObject({ waitsFor: 'hold' })
    ramp.wait(60 * MINUTE)
    expect(ramp.state).toMatchObject({ share: 1_000, waitsFor })
    expect(ramp.kinds()).not.toContain('person-called')
    ramp.inputs = {}
    expect(ramp.wait(3_000).state.share).toBe(10_000)
  })

  it('a roll back ignores them', () => {
    const ramp = TestRamp.started(aPlan())
    const frozen = { freeze: { name: 'x', until: null }, stopTheLine: { by: 'sam' } }
    ramp.inputs = { ...frozen, judgements: [failing] }
    expect(ramp.wait(3_000).state.share).toBe(0)
  })
})

describe('somebody else', () => {
  it('who moved the share past the ramp pauses it', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.inputs = { shareInForce: 3_000 }
    ramp.wait(3_000)
    expect(ramp.state).toMatchObject({ status: 'paused', pausedBy: 'hand-move', share: 3_000, stage: 0 })
  })

  it('who rolled back past the ramp has rolled it back', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.inputs = { shareInForce: 0 }
    ramp.wait(MINUTE)
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'rolled-back', share: 0 })
    expect(ramp.kinds()).toEqual(['started', 'rolled-back'])
  })
})

describe('a new version of the service (rule 20a)', () => {
  it('is an annotation, and restarts hold and sample', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.inputs = { serviceVersion: 'v1' }
    ramp.wait(8 * MINUTE)
    ramp.inputs = { serviceVersion: 'v2' }
    ramp.wait(9 * MINUTE)
    expect(ramp.kinds()).toEqual(['started', 'new-version'])
    expect(ramp.state).toMatchObject({ stage: 0, share: 1_000, sampleSince: 8 * MINUTE + 3_000 })
    expect(ramp.wait(2 * MINUTE).state.stage).toBe(1)
  })

  it('steps back one stage where the plan says so, never below the first', () => {
    const ramp = TestRamp.started(aPlan({ onNewVersion: 'step-back' }))
    ramp.inputs = { serviceVersion: 'v1' }
    ramp.wait(12 * MINUTE)
    expect(ramp.state.stage).toBe(1)
    for (const version of ['v2', 'v3']) {
      ramp.inputs = { serviceVersion: version }
      ramp.wait(3_000)
      expect(ramp.state).toMatchObject({ stage: 0, share: 1_000 })
    }
  })

  it('says nothing while instances disagree', () => {
    const ramp = TestRamp.started(aPlan())
    for (const serviceVersion of ['v1', null, 'v1']) {
      ramp.inputs = { serviceVersion }
      ramp.wait(4 * MINUTE)
    }
    expect(ramp.kinds()).toEqual(['started', 'advanced'])
  })
})

describe('a stepped roll back (rule 19)', () => {
  it('walks the same plan down', () => {
    const ramp = TestRamp.started(aPlan()).wait(25 * MINUTE)
    expect(ramp.state.share).toBe(10_000)
    ramp.does((state) => steppedRollBack(ramp.plan, state, act(ramp), false))
    const shares = [ramp.state.share]
    for (let step = 0; step < 3; step++) shares.push(ramp.wait(MINUTE).state.share)
    expect(shares).toEqual([5_000, 1_000, 0, 0])
    expect(ramp.state).toMatchObject({ status: 'ended', ending: 'rolled-back' })
  })

  it('waits where legacy is in worse health, and calls a person', () => {
    const ramp = TestRamp.started(aPlan()).wait(25 * MINUTE)
    ramp.does((state) => steppedRollBack(ramp.plan, state, act(ramp), false))
    ramp.inputs = { legacyIsWorse: 'its p95 is cold' }
    ramp.wait(10 * MINUTE)
    expect(ramp.state.share).toBe(5_000)
    expect(ramp.acts.filter(({ callsPerson }) => callsPerson)).toHaveLength(1)
    ramp.does((state) => rollBack(state, act(ramp), false))
    expect(ramp.state.share).toBe(0)
  })
})

describe('pausing (rule 14)', () => {
  it('keeps the time: paused at 4 of 10 min, resumed after an hour, advances 6 min later', () => {
    const ramp = TestRamp.started(aPlan())
    ramp.tick()
    ramp.wait(4 * MINUTE)
    ramp.does((state) => pause(ramp.plan, state, act(ramp)))
    ramp.wait(60 * MINUTE)
    ramp.does((state) => resume(ramp.plan, state, act(ramp), ramp.known()))
    ramp.tick()
    expect(ramp.wait(6 * MINUTE - 3_000).state.stage).toBe(0)
    expect(ramp.wait(3_000).state.stage).toBe(1)
  })

  it('happens by itself when somebody moves the slider', () => {
    const ramp = TestRamp.started(aPlan()).wait(MINUTE)
    ramp.does((state) => handMove(ramp.plan, state, act(ramp), 1_700))
    expect(ramp.state).toMatchObject({ status: 'paused', pausedBy: 'hand-move', share: 1_700 })
    expect(ramp.last?.words).toBe('Moved by hand from 10 % to 17 %: paused in stage 1 of 3 (10 %)')
    expect(ramp.wait(60 * MINUTE).state.share).toBe(1_700)
  })
})

it('a ramp that was not started does nothing', () => {
  const ramp = new TestRamp(aPlan())
  expect(tick(ramp.plan, ramp.state, ramp.known(), 1)).toEqual({ state: ramp.state, acts: [] })
})
