import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngines } from '../store/engines-for-test.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, edited, testActs, type TestActs } from './acts-for-test.ts'

describe.each(testEngines())('shares on $name', (engine) => {
  let store: Store
  let acts: TestActs

  beforeAll(async () => {
    await engine.start()
    store = await engine.open()
    acts = testActs(store)
  })
  afterAll(async () => {
    await store.close()
    await engine.stop()
  })

  it('moves a mapping’s share, with its own version, revision and audit row', async () => {
    const mapping = await acts.aMapping()
    expect(mapping).toMatchObject({ version: 1, shareVersion: 1, split: { percent: 0 } })
    const before = await acts.revision()
    const input = { percent: 12.5, reason: 'first step' }
    const result = await acts.shares.set(ben, 'mapping', mapping.id, 1, input)
    expect(result).toEqual({
      kind: 'mapping',
      id: mapping.id,
      name: mapping.name,
      percent: 12.5,
      percentBefore: 0,
      shareVersion: 2,
      revision: before + 1,
      changed: true,
      mappingIds: [mapping.id],
      recorded: true,
    })
    const view = await acts.mappings.get(mapping.id)
    expect(view).toMatchObject({ version: 1, shareVersion: 2, split: { percent: 12.5 } })
    expect(view.lastChange).toMatchObject({ actor: 'Ben', act: 'mapping.share' })
    expect((await acts.historyOf(mapping.id)).at(-1)).toMatchObject({
      actor: { kind: 'user', name: 'Ben' },
      before: { percent: 0 },
      after: { percent: 12.5 },
      reason: 'first step',
      source: 'api',
      revision: before + 1,
    })
  })

  it('does nothing, and says so, when the share is what it was', async () => {
    const { id } = await acts.aMapping()
    const before = await acts.revision()
    const result = await acts.shares.set(anna, 'mapping', id, 1, { percent: 0 })
    expect(result).toMatchObject({ changed: false, shareVersion: 1, revision: before })
    expect(await acts.historyOf(id)).toHaveLength(1)
  })

  it('lets exactly one of many writers win, and tells the others who did what', async () => {
    const { id } = await acts.aMapping()
    const writes = [10, 20, 30, 40, 50, 60].map((percent) =>
      acts.shares.set(percent % 20 === 0 ? anna : ben, 'mapping', id, 1, { percent }),
    )
    const results = await Promise.allSettled(writes)
    const [won] = results.flatMap((result) => (result.status === 'fulfilled' ? [result.value] : []))
    const lost = results.flatMap((result) => (result.status === 'rejected' ? [result.reason] : []))
    expect(lost).toHaveLength(5)
    for (const refusal of lost) {
      expect(refusal).toMatchObject({
        code: 'version_conflict',
        extra: { currentVersion: 2, from: { percent: 0 }, to: { percent: won?.percent } },
      })
      expect(refusal).toMatchObject({ extra: { by: won && won.percent % 20 === 0 ? 'Anna' : 'Ben' } })
    }
    expect(await acts.historyOf(id)).toHaveLength(2)
  })

  it('tells a late writer from what it saw to what is there now', async () => {
    const { id } = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', id, 1, { percent: 1 })
    await acts.shares.set(anna, 'mapping', id, 2, { percent: 5 })
    await acts.shares.set(ben, 'mapping', id, 3, { percent: 25 })
    const late = acts.shares.set(anna, 'mapping', id, 2, { percent: 3 })
    await expect(late).rejects.toMatchObject({
      code: 'version_conflict',
      extra: { currentVersion: 4, by: 'Ben', from: { percent: 1 }, to: { percent: 25 } },
    })
  })

  it('does not count a changed definition as a changed share, nor the other way round', async () => {
    const mapping = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 5 })
    const view = await acts.mappings.update(anna, mapping.id, 1, edited(mapping, { owner: 'team books' }))
    expect(view).toMatchObject({ version: 2, shareVersion: 2, owner: 'team books', split: { percent: 5 } })
    await acts.shares.set(anna, 'mapping', mapping.id, 2, { percent: 6 })
  })

  it('rolls back whatever the version, once', async () => {
    const { id } = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', id, 1, { percent: 40 })
    const result = await acts.shares.rollBack(ben, 'mapping', id, { reason: 'errors' })
    expect(result).toMatchObject({ percent: 0, percentBefore: 40, shareVersion: 3, changed: true })
    const again = await acts.shares.rollBack(anna, 'mapping', id, {})
    expect(again).toMatchObject({ changed: false, shareVersion: 3, revision: result.revision })
    expect((await acts.historyOf(id)).map((change) => [change.act, change.reason])).toEqual([
      ['mapping.create', null],
      ['mapping.share', null],
      ['mapping.rollback', 'errors'],
    ])
  })

  it('records a reason that comes after the roll back, and moves nothing', async () => {
    const { id } = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', id, 1, { percent: 40 })
    const { revision } = await acts.shares.rollBack(ben, 'mapping', id, {})
    const noted = await acts.shares.rollBack(ben, 'mapping', id, { reason: 'p95 doubled' })
    expect(noted).toMatchObject({ changed: false, shareVersion: 3, revision })
    expect((await acts.historyOf(id)).at(-1)).toMatchObject({
      act: 'mapping.rollback',
      reason: 'p95 doubled',
    })
  })

  it('lets roll back and a raise of the same moment end in one order', async () => {
    const { id } = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', id, 1, { percent: 40 })
    await Promise.allSettled([
      acts.shares.set(anna, 'mapping', id, 2, { percent: 50 }),
      acts.shares.rollBack(ben, 'mapping', id, {}),
      acts.shares.set(anna, 'mapping', id, 2, { percent: 60 }),
    ])
    const view = await acts.mappings.get(id)
    const last = (await acts.historyOf(id)).at(-1)
    expect(last?.after).toMatchObject({ percent: view.split.percent, shareVersion: view.shareVersion })
    expect(view.split.percent).toBe(0)
  })

  it('moves a group’s members together, and refuses to move one alone', async () => {
    const group = await acts.aGroup()
    const split = { kind: 'group', groupId: group.id } as const
    const [a, b] = [await acts.aMapping({ split }), await acts.aMapping({ split })]
    const alone = acts.shares.set(anna, 'mapping', a.id, 1, { percent: 5 })
    await expect(alone).rejects.toMatchObject({
      code: 'in_group',
      extra: { groupId: group.id, groupName: group.name },
    })
    const result = await acts.shares.set(anna, 'group', group.id, 1, { percent: 25 })
    expect(result).toMatchObject({ kind: 'group', percent: 25, mappingIds: [a.id, b.id].toSorted() })
    expect(await acts.mappings.get(b.id)).toMatchObject({
      shareVersion: 2,
      split: { kind: 'group', percent: 25, groupName: group.name },
      lastChange: { act: 'group.share' },
    })
    expect((await acts.historyOf(a.id)).map((change) => change.act)).toEqual([
      'mapping.create',
      'group.share',
    ])
  })

  it('rolls back the group when a member is rolled back, and says so', async () => {
    const group = await acts.aGroup()
    const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
    await acts.shares.set(anna, 'group', group.id, 1, { percent: 25 })
    const result = await acts.shares.rollBack(anna, 'mapping', member.id, {})
    expect(result).toMatchObject({ kind: 'group', id: group.id, percentBefore: 25, changed: true })
    expect(await acts.groups.get(group.id)).toMatchObject({ shareVersion: 3, split: { percent: 0 } })
  })

  it('refuses to roll back data that has moved', async () => {
    const { id } = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', id, 1, { percent: 100 })
    await store.prisma.mapping.update({ where: { id }, data: { pointOfNoReturn: true } })
    const refusal = { code: 'point_of_no_return' }
    await expect(acts.shares.rollBack(anna, 'mapping', id, {})).rejects.toMatchObject(refusal)
    const lower = acts.shares.set(anna, 'mapping', id, 2, { percent: 50 })
    await expect(lower).rejects.toMatchObject(refusal)
    await store.prisma.mapping.update({ where: { id }, data: { pointOfNoReturn: false } })
  })

  it('knows no mapping or group that does not exist', async () => {
    const missing = { code: 'not_found' }
    await expect(acts.shares.set(anna, 'mapping', 'x', 1, { percent: 1 })).rejects.toMatchObject(missing)
    await expect(acts.shares.rollBack(anna, 'group', 'x', {})).rejects.toMatchObject(missing)
    await expect(acts.shares.rollBackEnvironment(anna, 'x', {})).rejects.toMatchObject(missing)
  })

  it('takes a whole environment back as one change that names everything', async () => {
    const group = await acts.aGroup()
    const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
    const [raised, idle, gone] = [await acts.aMapping(), await acts.aMapping(), await acts.aMapping()]
    await acts.shares.set(anna, 'group', group.id, 1, { percent: 30 })
    await acts.shares.set(anna, 'mapping', raised.id, 1, { percent: 7.25 })
    await acts.shares.set(anna, 'mapping', gone.id, 1, { percent: 100 })
    await store.prisma.mapping.update({ where: { id: gone.id }, data: { pointOfNoReturn: true } })

    const before = await acts.revision()
    const result = await acts.shares.rollBackEnvironment(ben, 'default', { reason: 'all of it' })
    expect(result.revision).toBe(before + 1)
    expect(result.rolledBack).toContainEqual({
      kind: 'mapping',
      id: raised.id,
      name: raised.name,
      percentBefore: 7.25,
    })
    expect(result.rolledBack).toContainEqual(expect.objectContaining({ id: group.id, percentBefore: 30 }))
    expect(result.rolledBack.map((one) => one.id)).not.toContain(idle.id)
    expect(result.skipped).toMatchObject([{ id: gone.id, name: gone.name }])

    const last = (await acts.historyOf(member.id)).at(-1)
    expect(last).toMatchObject({ act: 'environment.rollback', reason: 'all of it', revision: before + 1 })
    expect((await acts.historyOf(raised.id)).at(-1)?.seq).toBe(last?.seq)
    expect(await acts.mappings.get(raised.id)).toMatchObject({ shareVersion: 3, split: { percent: 0 } })
    expect(await acts.mappings.get(gone.id)).toMatchObject({ split: { percent: 100 } })

    const again = await acts.shares.rollBackEnvironment(anna, 'default', {})
    expect(again).toMatchObject({ revision: before + 1, rolledBack: [] })
  })
})
