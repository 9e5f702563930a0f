import { afterAll, beforeAll, expect, it } from 'vitest'
import { planRollBack } from '../rollback/plan.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import { loadSnapshot } from '../store/snapshot.ts'
import type { Store } from '../store/store.ts'
import { anna, testActs, type TestActs } from './acts-for-test.ts'

let store: Store
let acts: TestActs

beforeAll(async () => {
  store = await openStoreForTest()
  acts = testActs(store)
})
afterAll(() => store.close())

it('leaves a group alone whose members all passed the point of no return, as its own roll back does', async () => {
  const [gone, half] = [await acts.aGroup(), await acts.aGroup()]
  const members = [
    await acts.aMapping({ split: { kind: 'group', groupId: gone.id } }),
    await acts.aMapping({ split: { kind: 'group', groupId: half.id } }),
  ]
  await acts.aMapping({ split: { kind: 'group', groupId: half.id } })
  for (const { id } of [gone, half]) await acts.shares.set(anna, 'group', id, 1, { percent: 100 })
  const ids = members.map(({ id }) => id)
  await store.prisma.mapping.updateMany({ where: { id: { in: ids } }, data: { pointOfNoReturn: true } })

  const { snapshot } = await loadSnapshot(store, 'default')
  const plan = planRollBack(snapshot, 'environment', 'default')
  expect(plan?.lowered.map(({ id }) => id)).toEqual([half.id])

  const { rolledBack, skipped } = await acts.shares.rollBackEnvironment(anna, 'default', {})
  expect(rolledBack.map(({ id }) => id)).toEqual([half.id])
  expect(skipped.map(({ id }) => id).toSorted()).toEqual(ids.toSorted())
  expect((await acts.groups.get(gone.id)).split.percent).toBe(100)
})
