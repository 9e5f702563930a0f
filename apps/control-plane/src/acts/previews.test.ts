import { explainInputSchema, mappingPreviewInputSchema } from '@crossfade/contracts/api/preview'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'
import { anna, edited, testActs, type TestActs } from './acts-for-test.ts'

describe('previews', () => {
  let store: Store
  let acts: TestActs

  beforeAll(async () => {
    store = await openStoreForTest()
    acts = testActs(store)
  })
  afterAll(() => store.close())

  const explain = (url: string, more: object = {}) =>
    acts.previews.explain(explainInputSchema.parse({ url, ...more }))

  it('show which mappings a new one overlaps, and who wins', async () => {
    const wide = await acts.aMapping({ match: { path: { kind: 'prefix', path: '/books' } } })
    const { legacy, new: target } = wide
    const input = mappingPreviewInputSchema.parse({
      name: 'one book',
      match: { path: { kind: 'template', template: '/books/:id' } },
      legacy,
      new: target,
    })
    const { overlaps, moves } = await acts.previews.mapping(input)
    expect(overlaps).toMatchObject([{ id: wide.id, winner: 'this', sameMatch: false }])
    expect(moves).toEqual([])
    expect((await acts.mappings.list({ among: 'all', limit: 500 })).items).toHaveLength(1)
  })

  it('show who would move when a mapping changes', async () => {
    const mapping = await acts.aMapping({ split: { kind: 'own', identity: { kind: 'cookie', name: 'uid' } } })
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 20 })
    const unchanged = { ...edited(mapping), environmentId: 'default', id: mapping.id }
    expect((await acts.previews.mapping(unchanged)).moves).toEqual([])
    const identity = { kind: 'cookie', name: 'other' } as const
    const changed = { ...unchanged, split: { kind: 'own', cohortId: null, identity } as const }
    expect((await acts.previews.mapping(changed)).moves).toMatchObject([
      { mappingId: mapping.id, reshuffled: true, percentToNew: 16 },
    ])
  })

  it('refuse a group or a mapping that is not there, rather than show everybody leaving', async () => {
    const mapping = await acts.aMapping()
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 20 })
    const input = { ...edited(mapping), environmentId: 'default', id: mapping.id }
    const elsewhere = { ...input, split: { kind: 'group', groupId: 'nobody' } as const }
    await expect(acts.previews.mapping(elsewhere)).rejects.toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'split.groupId' }],
    })
    await expect(acts.previews.mapping({ ...input, id: 'nobody' })).rejects.toMatchObject({
      code: 'not_found',
    })
  })

  it('show whom a share moves, in buckets, for mappings and groups alike', async () => {
    const group = await acts.aGroup({ split: { identity: { kind: 'cookie', name: 'uid' } } })
    const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
    await acts.shares.set(anna, 'group', group.id, 1, { percent: 10 })
    const raise = await acts.previews.share('group', group.id, 25)
    expect(raise).toMatchObject({
      isRaise: true,
      moves: [
        {
          mappingId: member.id,
          intervals: [{ from: 1_000, to: 2_500, fromSide: 'legacy', toSide: 'new' }],
          percentToNew: 15,
        },
      ],
    })
    expect(await acts.previews.share('mapping', member.id, 25)).toEqual(raise)
    expect(await acts.previews.share('group', group.id, 5)).toMatchObject({ isRaise: false })
    await expect(acts.previews.share('mapping', 'gone', 5)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('explain a request: side, service, what is sent, and what lost', async () => {
    const target = await acts.aService('new shelf')
    const rewrite = { path: { kind: 'template', template: '/v3/shelf/:id' } } as const
    const mapping = await acts.aMapping({
      match: { path: { kind: 'template', template: '/v2/shelf/:id' } },
      new: { serviceId: target.id, rewrite },
    })
    const wide = await acts.aMapping({ match: { path: { kind: 'prefix', path: '/v2/shelf' } } })
    await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 100 })
    expect(await explain('http://api.example/v2/shelf/a%20b?x=1', { method: 'POST' })).toMatchObject({
      outcome: 'mapped',
      mapping: { id: mapping.id },
      side: 'new',
      service: { id: target.id, name: 'new shelf' },
      forwarded: 'POST /v3/shelf/a%20b?x=1',
      because: 'The share is 100 %, so new.',
      candidates: [{ id: mapping.id, lostBy: null }, { id: wide.id }],
    })
  })

  it('explain what no mapping takes, and what is refused', async () => {
    expect(await explain('/nothing/here')).toMatchObject({ outcome: 'no-default-service', service: null })
    expect(await explain('/a/%2e%2e/b')).toMatchObject({ outcome: 'refused', forwarded: null })
    const fallback = await acts.aService('fallback')
    const { version, name } = await acts.environments.get('default')
    const defaults = [{ host: null, serviceId: fallback.id }]
    const paths = { encodedSlash: 'keep', ambiguous: 'pass-unmapped' } as const
    await acts.environments.update(anna, 'default', version, { name, defaults, paths })
    const service = { id: fallback.id, name: 'fallback' }
    expect(await explain('/nothing/here?q')).toMatchObject({ service, forwarded: 'GET /nothing/here?q' })
    expect(await explain('/a/%2e%2e/b')).toMatchObject({ outcome: 'default', forwarded: 'GET /a/%2e%2e/b' })
  })
})
