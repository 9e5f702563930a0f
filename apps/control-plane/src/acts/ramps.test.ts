import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { defaultGuardrails } from '@crossfade/core/guardrail/defaults'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, edited, testActs, type TestActs } from './acts-for-test.ts'

describe.each(testEngines())('ramps on $name', (engine) => {
  const clock = manualClock(Date.UTC(2030, 0, 7))
  let store: Store
  let acts: TestActs
  beforeAll(async () => {
    await engine.start()
    store = await engine.open({ clock })
    acts = testActs(store, clock)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })

  const aMappingWithRamp = async (input: Parameters<TestActs['aRamp']>[1] = {}) => {
    const mapping = await acts.aMapping()
    const ramp = await acts.aRamp({ kind: 'mapping', id: mapping.id }, input)
    return { mapping, ramp }
  }
  const started = async (input: Parameters<TestActs['aRamp']>[1] = {}) => {
    const { mapping, ramp } = await aMappingWithRamp(input)
    await acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
    return { mapping, ramp }
  }
  const percentOf = async (id: string) => (await acts.mappings.get(id)).split.percent
  const manual = {
    plan: {
      stages: [1, 10, 100].map((percent) => ({
        percent,
        holdMs: 0,
        minimumRequests: 0,
        gate: 'manual' as const,
      })),
    },
  }

  it('begin at their first stage: share, audit and revision in one transaction', async () => {
    const { mapping, ramp } = await aMappingWithRamp()
    expect(ramp.run).toMatchObject({ status: 'ready', stage: -1, percent: 0, words: 'Not started.' })
    const before = await acts.revision()
    const view = await acts.ramps.perform(anna, ramp.id, 'start', { reason: 'go' }, ramp.version)
    expect(view.run).toMatchObject({ status: 'running', stage: 0, percent: 1, remainingHoldMs: 3_600_000 })
    expect(await percentOf(mapping.id)).toBe(1)
    expect(await acts.revision()).toBe(before + 1)
    const history = await acts.historyOf(mapping.id)
    expect(history.map(({ act }) => act)).toEqual(['mapping.create', 'ramp.create', 'ramp.started'])
    expect(history.at(-1)).toMatchObject({
      actor: { name: 'Anna' },
      reason: 'go',
      before: { stage: -1, percent: 0, shareVersion: 1 },
      after: { stage: 0, percent: 1, shareVersion: 2, words: 'Started with stage 1 of 3 (1 %)' },
    })
    const ofRamp = await acts.historyOf(ramp.id)
    expect(ofRamp.map(({ act }) => act)).toEqual(['ramp.create', 'ramp.started'])
  })

  it('copy a template, and are guarded unless told otherwise', async () => {
    const { ramp } = await aMappingWithRamp({ plan: undefined, template: 'careful', guardrails: undefined })
    expect(ramp.plan).toMatchObject({ template: 'careful' })
    expect(ramp.plan.stages.map(({ percent }) => percent)).toEqual([1, 5, 25, 50, 100])
    expect(ramp.guardrails).toEqual(defaultGuardrails())
  })

  it('are one to a mapping, and none of a member of a group', async () => {
    const { mapping, ramp } = await aMappingWithRamp()
    const again = acts.aRamp({ kind: 'mapping', id: mapping.id })
    await expect(again).rejects.toMatchObject({ code: 'ramp_exists', extra: { rampId: ramp.id } })
    const group = await acts.aGroup()
    const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
    await expect(acts.aRamp({ kind: 'mapping', id: member.id })).rejects.toMatchObject({ code: 'in_group' })
    const ofGroup = await acts.aRamp({ kind: 'group', id: group.id })
    const found = await acts.ramps.list({ among: 'all', limit: 10, mappingId: member.id })
    expect(found.items.map(({ id }) => id)).toEqual([ofGroup.id])
  })

  it('do not let their mapping into a group, which would leave them without a share', async () => {
    const { mapping } = await aMappingWithRamp()
    const group = await acts.aGroup()
    const joined = edited(mapping, { split: { kind: 'group', groupId: group.id }, confirmMoves: true })
    const update = acts.mappings.update(anna, mapping.id, mapping.version, joined)
    await expect(update).rejects.toMatchObject({ code: 'ramp_exists' })
  })

  it('go with their mapping when it is deleted, and the audit says so', async () => {
    const { mapping, ramp } = await aMappingWithRamp()
    await acts.mappings.remove(anna, mapping.id, mapping.version)
    await expect(acts.ramps.detail(ramp.id)).rejects.toMatchObject({ code: 'not_found' })
    expect((await acts.historyOf(ramp.id)).map(({ act }) => act)).toEqual(['ramp.create', 'ramp.delete'])
  })

  it('refuse plans and guardrails that make no sense, by field, and nothing changes', async () => {
    const mapping = await acts.aMapping()
    const target = { kind: 'mapping', id: mapping.id } as const
    const falling = { stages: [10, 5].map((percent) => ({ percent, holdMs: 1_000 })) }
    await expect(acts.aRamp(target, { plan: falling })).rejects.toMatchObject({
      code: 'invalid_plan',
      errors: [{ path: 'plan.stages.1.percent' }],
    })
    const [guardrail] = defaultGuardrails()
    const bad = [{ ...guardrail, limit: { kind: 'against-legacy', factor: 0.5, plus: 0 } }] as never
    await expect(acts.aRamp(target, { guardrails: bad })).rejects.toMatchObject({
      code: 'invalid_guardrail',
      errors: [{ path: 'guardrails.0.limit.factor' }],
    })
    await expect(acts.aRamp(target, { template: 'quick' })).rejects.toMatchObject({ code: 'invalid_input' })
    await expect(acts.aRamp({ kind: 'mapping', id: 'none' })).rejects.toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'target.id' }],
    })
    expect(await acts.historyOf(mapping.id)).toHaveLength(1)
  })

  it('change only on the version that was seen, and not while they run', async () => {
    const { ramp } = await started()
    const input = { plan: { ...ramp.plan }, guardrails: [], acceptance: [] }
    const update = (version: number) => acts.ramps.update(ben, ramp.id, version, input)
    await expect(update(1)).rejects.toMatchObject({ code: 'ramp_under_way' })
    await expect(acts.ramps.remove(ben, ramp.id, 1)).rejects.toMatchObject({ code: 'ramp_under_way' })
    await acts.ramps.perform(ben, ramp.id, 'pause', {}, null)
    expect(await update(1)).toMatchObject({ version: 2 })
    await expect(update(1)).rejects.toMatchObject({
      code: 'version_conflict',
      extra: { currentVersion: 2, by: 'Ben' },
    })
    const stale = acts.ramps.perform(anna, ramp.id, 'start', {}, 1)
    await expect(stale).rejects.toMatchObject({ code: 'version_conflict' })
  })

  it('lose ticks when their plan changes under them', async () => {
    const checklist = [{ id: 'logs', text: 'Looked at the logs' }]
    const plan = {
      stages: [
        { percent: 1, holdMs: 0, checklist },
        { percent: 50, holdMs: 0 },
      ],
    }
    const { ramp } = await started({ plan })
    const tick = { leaving: 0, itemId: 'logs', done: true }
    const ticked = await acts.ramps.perform(ben, ramp.id, 'checklist', tick, null)
    expect(ticked.run.ticked).toMatchObject([{ itemId: 'logs', by: 'Ben' }])
    await acts.ramps.perform(ben, ramp.id, 'pause', {}, null)
    const shorter = { ...ramp.plan, stages: ramp.plan.stages.slice(0, 1) }
    const input = { plan: shorter, guardrails: [], acceptance: [] }
    expect((await acts.ramps.update(ben, ramp.id, 1, input)).run.ticked).toEqual([])
  })

  it('(k) two approvals that race for one stage advance one stage', async () => {
    const { mapping, ramp } = await started(manual)
    const advance = (who: typeof anna) => acts.ramps.perform(who, ramp.id, 'advance', { leaving: 0 }, null)
    const results = await Promise.allSettled([advance(anna), advance(ben)])
    const refused = results.filter((result) => result.status === 'rejected')
    expect(refused.map(({ reason }) => reason)).toMatchObject([{ code: 'stage_left' }])
    expect(await percentOf(mapping.id)).toBe(10)
    const advanced = (await acts.historyOf(ramp.id)).filter(({ act }) => act === 'ramp.advanced')
    expect(advanced).toHaveLength(1)
  })

  it('pause when somebody moves the slider, say so, and go on from there', async () => {
    const { mapping, ramp } = await started()
    const { shareVersion } = await acts.mappings.get(mapping.id)
    const moved = await acts.shares.set(ben, 'mapping', mapping.id, shareVersion, { percent: 30 })
    expect(moved.ramp).toEqual({
      id: ramp.id,
      words: 'Moved by hand from 1 % to 30 %: paused in stage 1 of 3 (1 %)',
    })
    expect((await acts.ramps.detail(ramp.id)).run).toMatchObject({ status: 'paused', pausedBy: 'hand-move' })
    const resumed = acts.ramps.perform(anna, ramp.id, 'resume', {}, null)
    await expect(resumed).rejects.toMatchObject({ code: 'share_moved' })
    const { run } = await acts.ramps.perform(anna, ramp.id, 'resume-from-here', {}, null)
    expect(run).toMatchObject({ status: 'running', stage: 1, percent: 30 })
    const last = (await acts.historyOf(mapping.id)).slice(-3).map(({ act }) => act)
    expect(last).toEqual(['mapping.share', 'ramp.hand-moved', 'ramp.resumed'])
  })

  it('keep the hold that was left when they pause', async () => {
    const { ramp } = await started()
    await acts.ramps.perform(ben, ramp.id, 'pause', { reason: 'lunch' }, null)
    clock.advance(3_600_000)
    const { run } = await acts.ramps.perform(ben, ramp.id, 'resume', {}, null)
    expect(run).toMatchObject({ status: 'running', stage: 0, remainingHoldMs: 3_600_000 })
  })

  it('end with a roll back, in its transaction, and may begin again', async () => {
    const { mapping, ramp } = await started()
    const result = await acts.shares.rollBack(ben, 'mapping', mapping.id, { reason: 'pager' })
    expect(result).toMatchObject({ percent: 0, ramp: { id: ramp.id, words: 'Rolled back from 1 %' } })
    const view = await acts.ramps.detail(ramp.id)
    expect(view.run).toMatchObject({ status: 'ended', ending: 'rolled-back', percent: 0 })
    const again = await acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
    expect(again.run).toMatchObject({ status: 'running', stage: 0, percent: 1 })
  })

  it('end with the kill switch, all of them', async () => {
    const one = await started()
    const group = await acts.aGroup()
    await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
    const ofGroup = await acts.aRamp({ kind: 'group', id: group.id })
    await acts.ramps.perform(anna, ofGroup.id, 'start', {}, ofGroup.version)
    await acts.shares.rollBackEnvironment(ben, 'default', { reason: 'all' })
    for (const { id } of [one.ramp, ofGroup]) {
      expect((await acts.ramps.detail(id)).run).toMatchObject({ status: 'ended', ending: 'rolled-back' })
    }
  })

  it('move a group whole, and a member that is rolled back ends the ramp of its group', async () => {
    const group = await acts.aGroup()
    const members = [
      await acts.aMapping({ split: { kind: 'group', groupId: group.id } }),
      await acts.aMapping({ split: { kind: 'group', groupId: group.id } }),
    ]
    const ramp = await acts.aRamp({ kind: 'group', id: group.id })
    await acts.ramps.perform(anna, ramp.id, 'start', {}, ramp.version)
    for (const { id } of members) expect(await percentOf(id)).toBe(1)
    const result = await acts.shares.rollBack(ben, 'mapping', members[0]?.id ?? '', {})
    expect(result).toMatchObject({ kind: 'group', ramp: { id: ramp.id } })
    for (const { id } of members) expect(await percentOf(id)).toBe(0)
  })

  it('go on early only with a reason, and name the stage', async () => {
    const { ramp } = await started()
    const advance = (body: { leaving: number; reason?: string }) =>
      acts.ramps.perform(ben, ramp.id, 'advance', body, null)
    await expect(advance({ leaving: 0 })).rejects.toMatchObject({ code: 'reason_required' })
    await expect(advance({ leaving: 1, reason: 'x' })).rejects.toMatchObject({ code: 'stage_left' })
    expect((await advance({ leaving: 0, reason: 'a launch' })).run.stage).toBe(1)
  })

  it('take notes into their history', async () => {
    const { ramp } = await started()
    await acts.ramps.perform(ben, ramp.id, 'note', { text: 'the cache was cold' }, null)
    expect((await acts.historyOf(ramp.id)).at(-1)).toMatchObject({
      act: 'ramp.note',
      reason: 'the cache was cold',
      actor: { name: 'Ben' },
    })
  })

  it('step back down their plan at once, one stage at a time', async () => {
    const { mapping, ramp } = await started(manual)
    await acts.ramps.perform(anna, ramp.id, 'advance', { leaving: 0 }, null)
    const { run } = await acts.ramps.perform(anna, ramp.id, 'step-back', {}, null)
    expect(run).toMatchObject({ status: 'stepping-back', percent: 1 })
    expect(await percentOf(mapping.id)).toBe(1)
  })
})
