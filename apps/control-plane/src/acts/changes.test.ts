import { changesQuerySchema, type ChangesQuery } from '@crossfade/contracts/api/changes'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Author } from '../store/author.ts'
import type { Among } from '../store/page.ts'
import type { Store } from '../store/store.ts'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { anna, ben, testActs, type TestActs } from './acts-for-test.ts'

describe('the audit trail', () => {
  const start = Date.parse('2026-11-01T00:00:00Z')
  const clock = manualClock(start)
  let store: Store
  let acts: TestActs

  beforeAll(async () => {
    store = await openStoreForTest({ clock })
    acts = testActs(store)
    const write = (author: Author, act: string, more: { reason?: string; id?: string } = {}) => {
      clock.advance(60_000)
      const object = { kind: act.split('.')[0] ?? '', id: more.id ?? 'x', name: `name of ${more.id ?? 'x'}` }
      return store.change(author, 'default', async (tx) =>
        tx.record({ act, object, before: null, after: { act }, reason: more.reason ?? null }),
      )
    }
    await write(anna, 'mapping.create', { id: 'm1' })
    await write({ ...ben, source: 'cli' }, 'mapping.share', { id: 'm1', reason: '100% sure' })
    await write(anna, 'mapping.share', { id: 'm2', reason: '1000 readers' })
    await write(anna, 'service.create', { id: 's_1' })
    await write(ben, 'service.create', { id: 'sx1' })
  })
  afterAll(() => store.close())

  const list = async (query: ChangesQuery, among: Among = 'all') => {
    const { items } = await acts.changes.list({ ...changesQuerySchema.parse(query), among })
    return items.map((change) => `${change.act} ${change.object.id}`)
  }

  it('comes newest first, page by page', async () => {
    const first = await acts.changes.list({ among: 'all', limit: 2 })
    expect(first.items.map((change) => change.object.id)).toEqual(['sx1', 's_1'])
    const second = await acts.changes.list({ among: 'all', limit: 2, cursor: first.nextCursor ?? '' })
    expect(second.items.map((change) => change.object.id)).toEqual(['m2', 'm1'])
    expect(await acts.changes.get(first.items[0]?.seq ?? 0)).toEqual(first.items[0])
    await expect(acts.changes.get(999_999)).rejects.toMatchObject({ code: 'not_found' })
    expect((await acts.changes.list({ among: 'all', limit: 2, cursor: 'nonsense' })).items).toEqual([])
  })

  it('is filtered by who, what, where from, and when', async () => {
    expect(await list({ actor: 'ben' })).toEqual(['service.create sx1', 'mapping.share m1'])
    expect(await list({ act: 'mapping.share', actor: 'Anna' })).toEqual(['mapping.share m2'])
    expect(await list({ act: 'mapping' })).toHaveLength(3)
    expect(await list({ objectKind: 'service' })).toHaveLength(2)
    expect(await list({ objectId: 'm1' })).toEqual(['mapping.share m1', 'mapping.create m1'])
    expect(await list({ source: 'cli' })).toEqual(['mapping.share m1'])
    const [from, to] = [start + 120_000, start + 240_000].map((ms) => new Date(ms).toISOString())
    expect(await list({ from, to })).toEqual(['mapping.share m2', 'mapping.share m1'])
    expect(await list({}, ['nowhere'])).toEqual([])
  })

  it('takes searched text literally', async () => {
    expect(await list({ text: '100%' })).toEqual(['mapping.share m1'])
    expect(await list({ text: 'OF S_' })).toEqual(['service.create s_1'])
    expect(await list({ text: '\\' })).toEqual([])
  })
})
