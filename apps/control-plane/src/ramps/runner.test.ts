import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { Problem } from '@crossfade/contracts/problems'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { anna, ben } from '../acts/acts-for-test.ts'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { rampScene, type RampScene } from './ramp-scene-for-test.ts'

const stage = (percent: number, more: object = {}) => ({
  percent,
  holdMs: 20_000,
  minimumRequests: 10,
  maxWaitMs: 60_000,
  ...more,
})
const plan = { stages: [stage(10), stage(50), stage(100)] }
const guardrails = defaultGuardrails()
const healthy = { requests: 40 }

describe.each(testEngines())('the ramp runner on $name', (engine) => {
  const clock = manualClock(Date.UTC(2030, 0, 7))
  let store: Store
  let scene: RampScene
  beforeAll(async () => {
    await engine.start()
    store = await engine.open({ clock })
    scene = await rampScene(store, clock)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })

  it('climbs a plan by itself while new is healthy, one audited stage after the other', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 15, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(10)
    await scene.live(mappingId, 20, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(50)
    await scene.live(mappingId, 60, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(100)
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'ended', ending: 'complete' })
    const moves = (await scene.acted(rampId)).filter((act) => act !== 'ramp.verdict')
    expect(moves).toEqual(['ramp.create', 'ramp.started', 'ramp.advanced', 'ramp.advanced', 'ramp.completed'])
    const [advanced] = (await scene.acts.historyOf(mappingId)).filter(({ act }) => act === 'ramp.advanced')
    expect(advanced).toMatchObject({
      actor: { kind: 'system', name: 'Ramp' },
      source: 'system',
      before: { stage: 0, percent: 10, shareVersion: 2 },
      after: { stage: 1, percent: 50, shareVersion: 3 },
      revision: expect.any(Number),
    })
  })

  it('rolls back by itself when new turns bad, audited with the guardrail and its numbers', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 15, healthy, healthy)
    await scene.live(mappingId, 10, healthy, { requests: 40, errors: 20 })
    expect(await scene.percentOf(mappingId)).toBe(0)
    const rolledBack = (await scene.acts.historyOf(rampId)).find(({ act }) => act === 'ramp.rolled-back')
    expect(rolledBack).toMatchObject({
      actor: { kind: 'guardrail', id: 'errors', name: 'Errors' },
      object: { kind: 'mapping', id: mappingId },
      before: { percent: 10 },
      after: {
        percent: 0,
        words: expect.stringMatching(/^Rolled back from 10 % by Errors\. .* of new's .* failed/),
        cause: { verdict: 'fail', measured: expect.any(Number), limit: expect.any(Number) },
      },
    })
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'ended', ending: 'rolled-back' })
  })

  it('(e) one 5xx out of three requests holds and rolls nothing back', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    clock.advance(5_000)
    await scene.report(mappingId, 1, { requests: 3 }, { requests: 3, errors: 1 })
    await scene.live(mappingId, 30, { requests: 0 }, { requests: 0 })
    expect(await scene.percentOf(mappingId)).toBe(10)
    const { run, judgements } = await scene.ramp(rampId)
    expect(run).toMatchObject({
      status: 'running',
      stage: 0,
      waitsFor: 'sample',
      requestsOnNew: 3,
      heldMs: 0,
    })
    expect(run.words).toContain('3 of 10 requests on new so far')
    const errors = judgements.find(({ guardrailId }) => guardrailId === 'errors')
    expect(errors).toMatchObject({ verdict: 'inconclusive', sample: { new: 3 } })
  })

  const approved = { stages: [stage(10, { gate: 'approval', holdMs: 5_000 }), stage(50)] }

  it('(f) a breach while waiting for an approval rolls back', async () => {
    const { mappingId, rampId } = await scene.begin({ plan: approved, guardrails })
    await scene.live(mappingId, 30, healthy, healthy)
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'running', waitsFor: 'approval' })
    await scene.live(mappingId, 10, healthy, { requests: 40, errors: 20 })
    expect(await scene.percentOf(mappingId)).toBe(0)
  })

  it('(f) a breach while waiting for an approval is held where legacy is worse, and a person is called', async () => {
    const { mappingId, rampId } = await scene.begin({ plan: approved, guardrails: [absolute()] })
    await scene.live(mappingId, 30, healthy, healthy)
    await scene.live(mappingId, 60, { requests: 40, errors: 30 }, { requests: 40, errors: 15 })
    expect(await scene.percentOf(mappingId)).toBe(10)
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'running', waitsFor: 'legacy-health' })
    const withheld = (await scene.acts.historyOf(rampId)).filter(
      ({ act }) => act === 'ramp.roll-back-withheld',
    )
    expect(withheld).toMatchObject([{ after: { callsPerson: true, percent: 10 } }])
  })

  it('stops a service that answers 404 to everything at the first stage', async () => {
    const { mappingId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 15, healthy, { requests: 10, notFound: 10 })
    expect(await scene.percentOf(mappingId)).toBe(0)
  })

  it('guards also while paused, and at 100 %', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 10, healthy, healthy)
    await scene.acts.ramps.perform(ben, rampId, 'pause', {}, null)
    await scene.live(mappingId, 15, healthy, { requests: 40, errors: 20 })
    expect(await scene.percentOf(mappingId)).toBe(0)

    const whole = await scene.begin({ plan: { stages: [stage(50), stage(100)] }, guardrails })
    await scene.live(whole.mappingId, 60, healthy, healthy)
    expect((await scene.ramp(whole.rampId)).run).toMatchObject({ status: 'ended', ending: 'complete' })
    await scene.live(whole.mappingId, 15, { requests: 0 }, { requests: 40, errors: 20 })
    expect(await scene.percentOf(whole.mappingId)).toBe(0)
  })

  it('waits for numbers of an agent that went silent, then goes on without it', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 10, healthy, healthy)
    const silent = async (seconds: number) => {
      for (let passed = 0; passed < seconds; passed += 5) {
        clock.advance(5_000)
        await scene.runner.turn()
      }
    }
    await silent(40)
    const { run, judgements } = await scene.ramp(rampId)
    expect(run).toMatchObject({ status: 'running', stage: 0, waitsFor: 'metrics' })
    expect(judgements[0]?.words).toMatch(/no complete numbers for .*; edge-\d+ did not report/)
    await silent(30)
    expect((await scene.ramp(rampId)).run.waitsFor).not.toBe('metrics')
    expect(await scene.percentOf(mappingId)).toBe(10)
  })

  it('two that both believe to be elected repeat and skip no stage', async () => {
    const other = scene.anotherRunner()
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    for (let i = 0; i < 25; i++) {
      clock.advance(5_000)
      await scene.report(mappingId, 5, healthy, healthy)
      await Promise.all([scene.runner.turn(), other.turn()])
    }
    expect(await climbed(rampId)).toEqual([
      [-1, 0],
      [0, 1],
      [1, 2],
    ])
    expect(await scene.percentOf(mappingId)).toBe(100)
  })

  it('loses and repeats nothing when it dies at any step', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    for (let i = 0; i < 40; i++) {
      clock.advance(5_000)
      await scene.report(mappingId, 5, healthy, healthy)
      // Each turn is another process, which remembers nothing; two of three die on the way.
      const died = scene.anotherRunner(dying(store, i)).turn()
      await died.catch(() => {})
    }
    expect(await climbed(rampId)).toEqual([
      [-1, 0],
      [0, 1],
      [1, 2],
    ])
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'ended', ending: 'complete' })
  })

  it('writes nothing over a hand that came between its look and its write', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 25, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(10)
    clock.advance(10_000)
    await scene.report(mappingId, 10, healthy, healthy)
    const { shareVersion } = await scene.acts.mappings.get(mappingId)
    const slow: Store = {
      ...store,
      change: async (author, environmentId, act) => {
        await scene.acts.shares.set(anna, 'mapping', mappingId, shareVersion, { percent: 20 })
        return store.change(author, environmentId, act)
      },
    }
    await scene.anotherRunner(slow).turn()
    expect(await scene.percentOf(mappingId)).toBe(20)
    expect((await scene.ramp(rampId)).run).toMatchObject({ status: 'paused', pausedBy: 'hand-move' })
    await scene.live(mappingId, 30, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(20)
  })

  it('is stopped by a roll back whatever it was about to do', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 25, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(10)
    clock.advance(10_000)
    await scene.report(mappingId, 10, healthy, healthy)
    await Promise.all([
      scene.acts.shares.rollBack(ben, 'mapping', mappingId, {}),
      scene.runner.turn(),
      scene.anotherRunner().turn(),
    ])
    await scene.live(mappingId, 30, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(0)
    expect((await scene.ramp(rampId)).run.ending).toBe('rolled-back')
  })

  it('waits while the database is away, and goes on', async () => {
    const { mappingId, rampId } = await scene.begin({ plan, guardrails })
    await scene.live(mappingId, 10, healthy, healthy)
    const away: Store = { ...store, read: () => Promise.reject(new Problem('store_unavailable')) }
    await expect(scene.anotherRunner(away).turn()).rejects.toMatchObject({ code: 'store_unavailable' })
    await scene.live(mappingId, 25, healthy, healthy)
    expect(await scene.percentOf(mappingId)).toBe(50)
    await scene.acts.shares.rollBack(ben, 'mapping', mappingId, {})
    expect((await scene.acted(rampId)).at(-1)).toBe('ramp.rolled-back')
  })

  it('moves a group whole, by its member that does worst', async () => {
    const group = await scene.acts.aGroup()
    const split = { kind: 'group', groupId: group.id } as const
    const [one, two] = [await scene.acts.aMapping({ split }), await scene.acts.aMapping({ split })]
    const ramp = await scene.acts.aRamp({ kind: 'group', id: group.id }, { plan, guardrails })
    await scene.acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
    for (let i = 0; i < 4; i++) {
      clock.advance(5_000)
      await scene.report(one.id, 5, healthy, healthy)
      await scene.report(two.id, 5, healthy, { requests: 40, errors: 30 })
      await scene.runner.turn()
    }
    expect(await scene.percentOf(one.id)).toBe(0)
    expect(await scene.percentOf(two.id)).toBe(0)
    const rolledBack = (await scene.acts.historyOf(one.id)).find(({ act }) => act === 'ramp.rolled-back')
    expect(rolledBack).toMatchObject({ after: { cause: { mappingId: two.id } } })
  })

  /** From stage to stage, as the audit has it. */
  const climbed = async (rampId: string) =>
    (await scene.acts.historyOf(rampId))
      .filter(({ act }) => act === 'ramp.started' || act === 'ramp.advanced')
      .map(({ before, after }) => [stageIn(before), stageIn(after)])
})

function stageIn(view: unknown): unknown {
  return (view as { stage: number }).stage
}

/** More than 5 % of new fail within ten seconds, whatever legacy does. */
function absolute() {
  const limit = { kind: 'absolute', max: 0.05, tolerates: 0, outOf: 1 } as const
  const metric = { kind: 'error-rate' } as const
  return { id: 'absolute', name: 'Errors of new', metric, limit, windowMs: 10_000, minimumSample: 20 }
}

/** A store under a process that is killed: before a write, or after the commit whose answer it never hears. */
function dying(store: Store, turn: number): Store {
  const killed = new Problem('store_unavailable', { detail: 'killed' })
  if (turn % 3 === 0) return store
  return {
    ...store,
    async change(author, environmentId, act) {
      if (turn % 3 === 1) throw killed
      await store.change(author, environmentId, act)
      throw killed
    },
    async transaction(act) {
      if (turn % 3 === 1) throw killed
      await store.transaction(act)
      throw killed
    },
  }
}
