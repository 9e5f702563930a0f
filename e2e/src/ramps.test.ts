import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import type { Change } from '@crossfade/contracts/api/changes'
import type { RampCreate, RampDetail } from '@crossfade/contracts/api/ramps'
import { startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import { client } from './harness/client.ts'
import { databaseEnv, hasPostgres } from './harness/database.ts'
import { until } from './harness/program.ts'
import type { RecordingService } from './harness/recording-service.ts'
import { bookPath, openScene, restartControlPlane, type Scene } from './harness/scene.ts'
import { steadyLoad } from './harness/steady-load.ts'

const stage = (percent: number, holdMs = 2_000) => ({ percent, holdMs, minimumRequests: 20 })
const canRun = hasPostgres('ramps that survive the control plane that runs them')

let scene: Scene
let load: ReturnType<typeof steadyLoad> | null = null
afterEach(async () => {
  await load?.stop()
  load = null
  await scene.close()
})

const begin = async (input: Omit<RampCreate, 'target'>): Promise<string> =>
  (await scene.call.ramp({ target: { kind: 'mapping', id: scene.mapping.id }, ...input })).id
const reaches = async (rampId: string, what: string, holds: (ramp: RampDetail) => boolean) => {
  let last: RampDetail | null = null
  const look = async () => {
    last = await scene.call.showRamp(rampId)
    return holds(last)
  }
  await until(what, look, 60_000).catch((error: unknown) => {
    throw new Error(`The ramp is: ${last?.run.words} ${JSON.stringify(last?.judgements)}`, { cause: error })
  })
}
const history = async (rampId: string) =>
  (await scene.call.changes(`&objectId=${rampId}`)).toReversed().map((change) => ({
    ...change,
    after: change.after as { stage: number; percent: number; cause?: object; callsPerson?: boolean },
  }))
const percentNow = async () => (await scene.call.showMapping(scene.mapping.id)).split.percent
/** Answers every second request with an error. */
function failsHalfTheTime(service: RecordingService): void {
  let asked = 0
  Object.defineProperty(service, 'status', { get: () => (asked++ % 2 === 0 ? 500 : 200) })
}

describe('a ramp with real agents', () => {
  beforeEach(async () => {
    scene = await openScene()
    load = steadyLoad(scene)
  })

  it('(f) a breach at 25 %, while it waits for an approval: back to 0 without a hand, audited with the numbers', async () => {
    const plan = { stages: [stage(10), { ...stage(25), gate: 'approval' as const }, stage(100)] }
    const rampId = await begin({ plan })
    await reaches(rampId, 'waiting at 25 %', ({ run }) => run.stage === 1 && run.waitsFor === 'approval')
    const sick = Date.now()
    scene.replacement.status = 500
    await reaches(rampId, 'rolled back', ({ run }) => run.ending === 'rolled-back')
    // Two windows of its guardrails are two minutes; it takes seconds.
    expect(Date.now() - sick).toBeLessThan(30_000)
    expect(await percentNow()).toBe(0)

    const acts = await history(rampId)
    const rolledBack = acts.find(({ act }) => act === 'ramp.rolled-back')
    expect(rolledBack).toMatchObject({
      actor: { kind: 'guardrail' },
      before: { stage: 1, percent: 25 },
      after: {
        percent: 0,
        cause: { verdict: 'fail', measured: expect.any(Number), limit: expect.any(Number) },
      },
    })
    const { revision } = rolledBack as Change
    await scene.call.live(revision ?? 0, 'one', 'two')
    const before = scene.replacement.received.length
    await new Promise((resolve) => setTimeout(resolve, 1_000))
    expect(scene.replacement.received.length).toBe(before)
  })

  it('stops at its first stage where new answers 404 to everything', async () => {
    scene.replacement.status = 404
    const rampId = await begin({ plan: { stages: [stage(5, 30_000), stage(50)] } })
    await reaches(rampId, 'rolled back', ({ run }) => run.ending === 'rolled-back')
    expect(await percentNow()).toBe(0)
    const acts = await history(rampId)
    expect(acts.some(({ act }) => act === 'ramp.advanced')).toBe(false)
    expect(acts.find(({ act }) => act === 'ramp.rolled-back')?.actor.name).toBe('Client errors (4xx)')
  })

  it('(e) one 5xx out of three requests: holds, and rolls nothing back', async () => {
    await load?.stop()
    const rampId = await begin({ plan: { stages: [stage(99.99), stage(100)] } })
    const { revision } = (await scene.call.changes())[0] as Change
    await scene.call.live(revision ?? 0, 'one', 'two')
    // Evidence counts in whole seconds after the stage began.
    await new Promise((resolve) => setTimeout(resolve, 1_100))
    const reader = client()
    for (const status of [200, 500, 200]) {
      scene.replacement.status = status
      await reader.ask(scene.agents[0].url + bookPath, { headers: { cookie: 'uid=reader' } })
    }
    reader.close()
    await reaches(rampId, 'counted', ({ run }) => run.requestsOnNew === 3)
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const { run, judgements } = await scene.call.showRamp(rampId)
    expect(run).toMatchObject({ status: 'running', stage: 0, percent: 99.99, waitsFor: 'sample' })
    expect(judgements.find(({ guardrailId }) => guardrailId === 'errors')).toMatchObject({
      verdict: 'inconclusive',
      sample: { new: 3 },
    })
  })

  it('(f) a breach while it waits for an approval, with legacy worse: held, and a person is called', async () => {
    const errors = {
      id: 'errors',
      name: 'Errors of new',
      metric: { kind: 'error-rate' },
      limit: { kind: 'absolute', max: 0.05 },
      windowMs: 10_000,
    } as const
    const plan = { stages: [{ ...stage(50), gate: 'approval' as const }, stage(100)] }
    const rampId = await begin({ plan, guardrails: [errors] })
    await reaches(rampId, 'waiting', ({ run }) => run.waitsFor === 'approval')
    failsHalfTheTime(scene.replacement)
    scene.legacy.status = 500
    await reaches(rampId, 'held', ({ run }) => run.waitsFor === 'legacy-health')
    const acts = await history(rampId)
    const withheld = acts.filter(({ act }) => act === 'ramp.roll-back-withheld')
    expect(withheld.map(({ after }) => after.callsPerson)).toContain(true)
    expect(await percentNow()).toBe(50)
  })
})

describe.skipIf(!canRun)('a ramp on two control planes', () => {
  let postgres: TestPostgres
  beforeEach(async () => {
    postgres = await startPostgres()
  })
  afterEach(() => postgres.remove())

  it('goes on when the one that runs it is killed under load, repeating and skipping no stage', async () => {
    const env = databaseEnv(await postgres.createDatabase('crossfade'))
    const elected = 'This control plane runs the ramps'
    scene = await openScene({ env })
    await until('the first is elected', () => scene.controlPlane.program.output().includes(elected))
    const second = await scene.house.startControlPlane(env)
    // The agents are the first one's; so that only the ramps move, the second is to run them.
    await scene.controlPlane.program.kill('SIGKILL')
    await until('the second is elected', () => second.program.output().includes(elected))
    await restartControlPlane(scene, env)
    await scene.call.agent('one', 'online')
    await scene.call.agent('two', 'online')

    load = steadyLoad(scene)
    const stages = [stage(5), stage(10), stage(25), stage(50), stage(100)]
    const rampId = await begin({ plan: { stages } })
    await reaches(rampId, 'mid-ramp', ({ run }) => run.stage === 1)
    await second.program.kill('SIGKILL')
    const killed = Date.now()
    await until('the first is elected again', () => scene.controlPlane.program.output().includes(elected))
    expect(Date.now() - killed).toBeLessThan(10_000)
    await reaches(rampId, 'complete', ({ run }) => run.ending === 'complete')

    const moves = (await history(rampId)).filter(({ act }) => /started|advanced|completed/.test(act))
    expect(moves.map(({ act, after }) => [act, after.stage, after.percent])).toEqual([
      ['ramp.started', 0, 5],
      ['ramp.advanced', 1, 10],
      ['ramp.advanced', 2, 25],
      ['ramp.advanced', 3, 50],
      ['ramp.advanced', 4, 100],
      ['ramp.completed', 4, 100],
    ])
    expect((await load.stop()).failures).toEqual([])
    load = null
  })
})
