import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { freezeCreateSchema, protectionSchema } from '@crossfade/contracts/api/freezes'
import { groupUpdateSchema } from '@crossfade/contracts/api/groups'
import { segmentInputSchema } from '@crossfade/contracts/api/segments'
import { serviceInputSchema } from '@crossfade/contracts/api/services'
import { manualClock, type ManualClock } from '@crossfade/testkit/manual-clock'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, edited, testActs, type TestActs } from './acts-for-test.ts'

const friday = Date.parse('2026-11-20T12:00:00Z')

describe.each(testEngines())('raises on $name', (engine) => {
  let store: Store
  let clock: ManualClock
  let acts: TestActs

  beforeAll(async () => {
    await engine.start()
    clock = manualClock(friday)
    store = await engine.open({ clock })
    acts = testActs(store, clock)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })
  beforeEach(async () => {
    clock.advance(friday - clock.now())
    const { items } = await acts.freezes.list({ among: 'all', limit: 100 })
    for (const { id, version } of items) await acts.freezes.remove(anna, id, version)
    await acts.governance.setLine(anna, 'default', { stopped: false, reason: '' })
    await protect({})
  })

  const freeze = (name = 'Weekend') =>
    acts.freezes.create(
      anna,
      freezeCreateSchema.parse({
        name,
        window: { kind: 'weekly', days: ['fri'], from: '10:00', until: '00:00', timeZone: 'UTC' },
      }),
    )
  const protect = async (input: object) => {
    const { version } = await acts.governance.get('default')
    return await acts.governance.setProtection(anna, 'default', version, protectionSchema.parse(input))
  }
  const stop = (reason = 'checkout is broken') =>
    acts.governance.setLine(ben, 'default', { stopped: true, reason })
  const share = async (id: string, percent: number) => {
    const { shareVersion } = await acts.mappings.get(id)
    return await acts.shares.set(anna, 'mapping', id, shareVersion, { percent })
  }
  const aMappingAt = async (percent: number) => {
    const mapping = await acts.aMapping()
    await share(mapping.id, percent)
    return await acts.mappings.get(mapping.id)
  }

  it('(l) a freeze refuses a raise and lets a roll back through, and both are audited', async () => {
    const { id, name } = await aMappingAt(10)
    await freeze()
    await expect(share(id, 20)).rejects.toMatchObject({
      code: 'freeze',
      message: 'The freeze Weekend blocks raises until 2026-11-21 00:00 UTC',
      extra: { freeze: { name: 'Weekend', until: '2026-11-21T00:00:00.000Z' } },
    })
    expect((await acts.mappings.get(id)).split.percent).toBe(10)
    await expect(acts.shares.rollBack(ben, 'mapping', id, {})).resolves.toMatchObject({ percent: 0 })
    const history = await acts.historyOf(id)
    expect(history.slice(-2)).toMatchObject([
      {
        act: 'raise.refused',
        actor: { name: 'Anna' },
        object: { kind: 'mapping', id, name },
        before: { percent: 10 },
        after: { refused: 'freeze', asked: { percent: 20 } },
        revision: null,
      },
      { act: 'mapping.rollback', actor: { name: 'Ben' }, after: { percent: 0 } },
    ])
  })

  it('lets shares fall during a freeze, and rise after it', async () => {
    const { id } = await aMappingAt(10)
    await freeze()
    await expect(share(id, 5)).resolves.toMatchObject({ percent: 5 })
    await expect(share(id, 6)).rejects.toMatchObject({ code: 'freeze' })
    clock.advance(12 * 3_600_000)
    await expect(share(id, 6)).resolves.toMatchObject({ percent: 6 })
  })

  it('says who stopped the line, and why', async () => {
    const { id } = await aMappingAt(10)
    await stop()
    await expect(share(id, 20)).rejects.toMatchObject({
      code: 'stop_the_line',
      message: 'Ben stopped the line (checkout is broken): no raises until it is lifted',
      extra: { stopped: { by: 'Ben', reason: 'checkout is broken', at: '2026-11-20T12:00:00.000Z' } },
    })
    await expect(acts.shares.rollBackEnvironment(ben, 'default', {})).resolves.toMatchObject({
      recorded: true,
    })
    await acts.governance.setLine(anna, 'default', { stopped: false, reason: 'mended' })
    await expect(share(id, 20)).resolves.toMatchObject({ percent: 20 })
  })

  it('refuses every kind of act that raises, and changes nothing', async () => {
    const group = await acts.aGroup()
    await acts.shares.set(anna, 'group', group.id, 1, { percent: 50 })
    const { version: groupVersion } = await acts.groups.get(group.id)
    const segment = await acts.aSegment()
    const joined = await acts.aMapping({ split: { kind: 'group', groupId: group.id }, confirmMoves: true })
    const mapping = await aMappingAt(30)
    const listed = await acts.mappings.update(
      anna,
      mapping.id,
      mapping.version,
      edited(mapping, { segments: [segment.id], confirmMoves: true }),
    )
    const service = await acts.services.get(mapping.new.serviceId)
    await stop()
    const before = await acts.revision()
    const refused: Readonly<Record<string, () => Promise<unknown>>> = {
      'another service': async () =>
        acts.mappings.update(
          anna,
          listed.id,
          listed.version,
          edited(listed, { new: { serviceId: listed.legacy.serviceId } }),
        ),
      'another instance': () =>
        acts.services.update(
          anna,
          service.id,
          service.version,
          serviceInputSchema.parse({ name: service.name, instances: ['http://10.9.9.9:80'] }),
        ),
      'a wider segment': () =>
        acts.segments.update(
          anna,
          segment.id,
          segment.version,
          segmentInputSchema.parse({
            name: segment.name,
            side: 'new',
            conditions: [
              { attribute: { kind: 'header', name: 'x-team' }, operator: 'in', values: ['qa', 'sales'] },
            ],
          }),
        ),
      'joining a group that is further on': () =>
        acts.mappings.update(
          anna,
          listed.id,
          listed.version,
          edited(listed, { split: { kind: 'group', groupId: group.id }, confirmMoves: true }),
        ),
      'another identity': () =>
        acts.groups.update(
          anna,
          group.id,
          groupVersion,
          groupUpdateSchema.parse({
            name: group.name,
            split: { identity: { kind: 'header', name: 'x-user' } },
            confirmMoves: true,
          }),
        ),
      'a mapping in a group with a share': () =>
        acts.aMapping({ split: { kind: 'group', groupId: group.id }, confirmMoves: true }),
      'a group’s share': () => acts.shares.set(anna, 'group', group.id, 2, { percent: 51 }),
    }
    const answers: Record<string, unknown> = {}
    for (const [what, act] of Object.entries(refused)) {
      answers[what] = await act().catch((error: unknown) => error)
    }
    const all = Object.keys(refused).map((what) => [what, { code: 'stop_the_line' }])
    expect(answers).toMatchObject(Object.fromEntries(all))
    // Two services were made on the way by the mapping that was not.
    expect(await acts.revision()).toBe(before + 2)
    expect(await acts.mappings.get(listed.id)).toMatchObject({ version: listed.version })
    expect(await acts.groups.get(group.id)).toMatchObject({ version: groupVersion })
    expect(await acts.mappings.get(joined.id)).toMatchObject({ version: joined.version })
  })

  it('lets through what raises nobody', async () => {
    const mapping = await aMappingAt(30)
    await stop()
    await expect(acts.aMapping()).resolves.toMatchObject({ split: { percent: 0 } })
    await expect(
      acts.mappings.update(anna, mapping.id, mapping.version, edited(mapping, { owner: 'checkout' })),
    ).resolves.toMatchObject({ owner: 'checkout' })
    const { version } = await acts.mappings.get(mapping.id)
    await expect(acts.mappings.remove(anna, mapping.id, version)).resolves.toBeUndefined()
  })

  it('asks for approvals above a share, and for a rise by more than a step in 24 hours', async () => {
    const { id } = await aMappingAt(10)
    await protect({ abovePercent: 50, stepPercent: 20, quorum: 2 })
    await expect(share(id, 51)).rejects.toMatchObject({
      code: 'approval_required',
      extra: { quorum: 2, selfApproval: false },
    })
    await expect(share(id, 20)).resolves.toMatchObject({ percent: 20 })
    // It was at 0 within the last day.
    await expect(share(id, 21)).rejects.toMatchObject({ code: 'approval_required' })
    clock.advance(25 * 3_600_000)
    await expect(share(id, 40)).resolves.toMatchObject({ percent: 40 })
    await acts.shares.rollBackEnvironment(ben, 'default', {})
    await expect(share(id, 21)).rejects.toMatchObject({ code: 'approval_required' })
    await expect(share(id, 20)).resolves.toMatchObject({ percent: 20 })
  })

  it('asks for approvals for changes of a definition as well', async () => {
    const mapping = await aMappingAt(30)
    await protect({ abovePercent: 25 })
    const input = edited(mapping, { new: { serviceId: mapping.legacy.serviceId } })
    await expect(acts.mappings.update(anna, mapping.id, mapping.version, input)).rejects.toMatchObject({
      code: 'approval_required',
    })
    expect((await acts.historyOf(mapping.id)).at(-1)).toMatchObject({
      act: 'raise.refused',
      after: { refused: 'approval_required', asked: { percent: 30 } },
    })
    await protect({ abovePercent: 30 })
    await expect(acts.mappings.update(anna, mapping.id, mapping.version, input)).resolves.toMatchObject({
      version: mapping.version + 1,
    })
  })

  it('holds a ramp at its stage during a freeze', async () => {
    const mapping = await acts.aMapping()
    const ramp = await acts.aRamp({ kind: 'mapping', id: mapping.id })
    await freeze()
    await expect(acts.ramps.perform(anna, ramp.id, 'start', {}, 1)).rejects.toMatchObject({ code: 'freeze' })
    expect((await acts.mappings.get(mapping.id)).split.percent).toBe(0)
  })

  it('says what stands in the way, in one sentence', async () => {
    expect(await acts.governance.get('default')).toMatchObject({ words: 'Raises are possible', freeze: null })
    await freeze()
    expect(await acts.governance.get('default')).toMatchObject({
      words: 'The freeze Weekend blocks raises until 2026-11-21 00:00 UTC',
      freeze: { name: 'Weekend', until: '2026-11-21T00:00:00.000Z' },
    })
  })

  it('refuses a freeze that ends before it begins, a line stopped without a reason and stale protection', async () => {
    const backwards = { kind: 'once', from: '2026-12-02T00:00:00Z', until: '2026-12-01T00:00:00Z' }
    await expect(
      acts.freezes.create(anna, freezeCreateSchema.parse({ name: 'Backwards', window: backwards })),
    ).rejects.toMatchObject({ code: 'invalid_input', errors: [{ path: 'window.until' }] })
    await expect(stop('')).rejects.toMatchObject({ errors: [{ path: 'reason' }] })
    const { version } = await acts.governance.get('default')
    await expect(
      acts.governance.setProtection(anna, 'default', version - 1, protectionSchema.parse({})),
    ).rejects.toMatchObject({ code: 'version_conflict' })
    expect(await acts.freezes.list({ among: 'all', limit: 10 })).toMatchObject({ items: [] })
    expect(await acts.governance.get('default')).toMatchObject({ version, stopped: null })
  })

  it('keeps the first reason when the line is stopped twice', async () => {
    await stop('first')
    await acts.governance.setLine(anna, 'default', { stopped: true, reason: 'second' })
    expect(await acts.governance.get('default')).toMatchObject({ stopped: { by: 'Ben', reason: 'first' } })
  })
})
