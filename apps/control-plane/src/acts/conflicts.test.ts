import { groupUpdateSchema } from '@crossfade/contracts/api/groups'
import { segmentInputSchema } from '@crossfade/contracts/api/segments'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, edited, testActs, type TestActs } from './acts-for-test.ts'

/** Rule 22: a stale write hears who changed this very thing, and not what happened around it. */
describe('a stale write', () => {
  let store: Store
  let acts: TestActs

  beforeAll(async () => {
    store = await openStoreForTest()
    acts = testActs(store)
  })
  afterAll(() => store.close())

  it('hears of the kill switch that took the share to 0', async () => {
    const mapping = await acts.aMapping()
    const group = await acts.aGroup()
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 40 })
    await acts.shares.set(anna, 'group', group.id, 1, { percent: 30 })
    await acts.shares.rollBackEnvironment(ben, 'default', {})
    for (const [kind, id, percent] of [
      ['mapping', mapping.id, 40],
      ['group', group.id, 30],
    ] as const) {
      await expect(acts.shares.set(anna, kind, id, 2, { percent: 50 })).rejects.toMatchObject({
        code: 'version_conflict',
        extra: { currentVersion: 3, by: 'Ben', from: { percent }, to: { percent: 0 } },
      })
    }
  })

  it('on a group is not told of its members', async () => {
    const group = await acts.aGroup({ name: 'the group' })
    const update = groupUpdateSchema.parse({ name: 'renamed' })
    await acts.groups.update(ben, group.id, 1, update)
    await acts.shares.set(ben, 'group', group.id, 1, { percent: 5 })
    const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id }, confirmMoves: true })
    await acts.mappings.update(anna, member.id, 1, edited(member, { owner: 'team books' }))
    await expect(acts.groups.update(anna, group.id, 1, update)).rejects.toMatchObject({
      extra: { currentVersion: 2, by: 'Ben', from: { name: 'the group' }, to: { name: 'renamed' } },
    })
    await expect(acts.shares.set(anna, 'group', group.id, 1, { percent: 7 })).rejects.toMatchObject({
      extra: { currentVersion: 2, by: 'Ben', from: { percent: 0 }, to: { percent: 5 } },
    })
  })

  it('on a mapping is not told of its group or its segments', async () => {
    const group = await acts.aGroup()
    const segment = await acts.aSegment()
    const member = await acts.aMapping({
      split: { kind: 'group', groupId: group.id },
      segments: [segment.id],
    })
    await acts.mappings.update(anna, member.id, 1, edited(member, { owner: 'team books' }))
    await acts.groups.update(ben, group.id, 1, groupUpdateSchema.parse({ name: 'another name' }))
    const { name, side, conditions } = segment
    const changed = segmentInputSchema.parse({ name: `${name} once more`, side, conditions })
    await acts.segments.update(ben, segment.id, 1, changed)
    await expect(acts.mappings.update(ben, member.id, 1, edited(member))).rejects.toMatchObject({
      extra: { currentVersion: 2, by: 'Anna', from: { owner: '' }, to: { owner: 'team books' } },
    })
  })
})
