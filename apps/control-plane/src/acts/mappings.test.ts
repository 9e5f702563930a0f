import { mappingCreateSchema } from '@crossfade/contracts/api/mappings'
import { bucketOf } from '@crossfade/core/bucket'
import { nameSchema } from '@crossfade/contracts/entities'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testEngines } from '../store/engines-for-test.ts'
import { loadSnapshot } from '../store/snapshot.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, edited, testActs, type TestActs } from './acts-for-test.ts'

describe.each(testEngines())('mappings on $name', (engine) => {
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
  const exact = (path: string) => ({ path: { kind: 'exact', path } }) as const

  it('makes a mapping at share 0 with a cohort of its own, and audits it', async () => {
    const mapping = await acts.aMapping({ name: 'Books by author', owner: 'books' })
    expect(mapping).toMatchObject({
      environmentId: 'default',
      version: 1,
      split: { kind: 'own', percent: 0, cohort: { name: 'Books by author' }, identity: { kind: 'request' } },
      new: { host: { kind: 'service' } },
      legacy: { host: { kind: 'client' }, rewrite: { mapBack: true, path: null } },
      lastChange: { actor: 'Anna', act: 'mapping.create' },
    })
    expect(await acts.mappings.get(mapping.id)).toEqual(mapping)
    const [created] = await acts.historyOf(mapping.id)
    expect(created).toMatchObject({ before: null, after: { name: 'Books by author', lastChange: null } })
    const { salt, usedBy } = await acts.cohorts.get(mapping.split.cohort.id)
    expect(salt).toMatch(/^[0-9a-f]{32}$/)
    expect(usedBy).toEqual([{ kind: 'mapping', id: mapping.id, name: 'Books by author' }])
    const { snapshot } = await loadSnapshot(store, 'default')
    expect(snapshot.mappings.find((one) => one.id === mapping.id)?.split).toMatchObject({ cohort: salt })
  })

  it('stores a match in one spelling', async () => {
    const match = { methods: ['PUT', 'GET'], host: 'api.example.com', ...exact('/spelling') }
    expect((await acts.aMapping({ match })).match.methods).toEqual(['GET', 'PUT'])
  })

  it('refuses a match that another mapping has, and names it', async () => {
    const first = await acts.aMapping({ match: { ...exact('/taken'), methods: ['GET', 'POST'] } })
    const twin = acts.aMapping({ match: { ...exact('/taken'), methods: ['POST', 'PUT'] } })
    await expect(twin).rejects.toMatchObject({
      code: 'duplicate_match',
      extra: { mapping: { id: first.id, name: first.name } },
    })
    await acts.aMapping({ match: { ...exact('/taken'), methods: ['PUT'] } })
    await acts.aMapping({ match: { ...exact('/taken'), host: 'other.example.com' } })
    const other = await acts.aMapping()
    const moved = acts.mappings.update(anna, other.id, 1, edited(other, { match: exact('/taken') }))
    await expect(moved).rejects.toMatchObject({ code: 'duplicate_match' })
  })

  it('lets exactly one of many mappings of the same moment have a match', async () => {
    const service = await acts.aService()
    const attempts = Array.from({ length: 5 }, (_, i) =>
      acts.mappings.create(
        anna,
        mappingCreateSchema.parse({
          name: `rival ${i}`,
          match: exact('/rivals'),
          legacy: { serviceId: service.id },
          new: { serviceId: service.id },
        }),
      ),
    )
    const results = await Promise.allSettled(attempts)
    expect(results.filter((result) => result.status === 'fulfilled')).toHaveLength(1)
  })

  it.each([
    [{ kind: 'template', template: '/a/*x/*y' }, 'match.path.template'],
    [{ kind: 'regex', pattern: '/a(?=b)', position: 0 }, 'match.path.pattern'],
  ] as const)('refuses the match %j and says which field', async (path, field) => {
    const refused = acts.aMapping({ match: { path } })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_match',
      errors: expect.arrayContaining([expect.objectContaining({ path: field })]),
    })
  })

  it('refuses a rewrite that names a parameter the match lacks', async () => {
    const service = await acts.aService()
    const rewrite = { path: { kind: 'template', template: '/v3/:author' } } as const
    const refused = acts.aMapping({
      match: { path: { kind: 'template', template: '/v2/:book' } },
      new: { serviceId: service.id, rewrite },
    })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_rewrite',
      errors: [{ path: 'new.rewrite.path.template' }],
    })
  })

  it('refuses references that lead nowhere, naming each field', async () => {
    const refused = acts.aMapping({
      legacy: { serviceId: 'nowhere' },
      segments: [(await acts.aSegment()).id, 'gone'],
    })
    await expect(refused).rejects.toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'legacy.serviceId' }, { path: 'segments.1' }],
    })
    const group = acts.aMapping({ split: { kind: 'group', groupId: 'gone' } })
    await expect(group).rejects.toMatchObject({ errors: [{ path: 'split.groupId' }] })
    const cohort = acts.aMapping({ split: { kind: 'own', cohortId: 'gone' } })
    await expect(cohort).rejects.toMatchObject({ errors: [{ path: 'split.cohortId' }] })
    const environment = acts.aMapping({ environmentId: 'gone' })
    await expect(environment).rejects.toMatchObject({ errors: [{ path: 'environmentId' }] })
  })

  it.each(['x'.repeat(80), `${'x'.repeat(77)}🙂`, 'back\\slash', '50%_off'])(
    'gives a mapping called %s the second time a cohort with a name that fits',
    async (name) => {
      for (const version of [1, 1, 1]) {
        const { id, split } = await acts.aMapping({
          name,
          match: { path: { kind: 'exact', path: '/again' } },
        })
        expect(nameSchema.safeParse(split.cohort.name).error).toBeUndefined()
        expect(split.cohort.name.isWellFormed()).toBe(true)
        await acts.mappings.remove(anna, id, version)
      }
    },
  )

  it('refuses a taken name and leaves nothing behind', async () => {
    const { name } = await acts.aMapping()
    const before = await store.prisma.cohort.count()
    await expect(acts.aMapping({ name })).rejects.toMatchObject({
      code: 'duplicate_name',
      errors: [{ path: 'name' }],
    })
    expect(await store.prisma.cohort.count()).toBe(before)
  })

  it('refuses a stale definition with who changed what', async () => {
    const mapping = await acts.aMapping()
    await acts.mappings.update(ben, mapping.id, 1, edited(mapping, { description: 'Ben was here' }))
    const stale = acts.mappings.update(anna, mapping.id, 1, edited(mapping, { owner: 'anna' }))
    await expect(stale).rejects.toMatchObject({
      code: 'version_conflict',
      extra: {
        currentVersion: 2,
        by: 'Ben',
        from: { description: '', version: 1 },
        to: { description: 'Ben was here', version: 2 },
      },
    })
    const removal = acts.mappings.remove(anna, mapping.id, 1)
    await expect(removal).rejects.toMatchObject({ code: 'version_conflict' })
    expect((await acts.mappings.get(mapping.id)).owner).toBe('')
  })

  it('counts deleted mappings, so that agents understand a shrunken snapshot', async () => {
    const mapping = await acts.aMapping()
    const before = await loadSnapshot(store, 'default')
    await acts.mappings.remove(anna, mapping.id, 1)
    const after = await loadSnapshot(store, 'default')
    expect(after.mappingsDeleted).toBe(before.mappingsDeleted + 1)
    expect(after.revision).toBe(before.revision + 1)
    expect((await acts.historyOf(mapping.id)).at(-1)).toMatchObject({ act: 'mapping.delete', after: null })
    await expect(acts.mappings.get(mapping.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  describe('joining and leaving groups', () => {
    it('sends nobody back when a mapping moves to a group of its cohort with a higher share', async () => {
      const quarter = await acts.aGroup({ split: { identity: { kind: 'cookie', name: 'uid' } } })
      const cohortId = quarter.split.cohort.id
      const done = await acts.aGroup({ split: { cohortId, identity: { kind: 'cookie', name: 'uid' } } })
      await acts.shares.set(anna, 'group', quarter.id, 1, { percent: 25 })
      const mapping = await acts.aMapping({
        split: { kind: 'group', groupId: quarter.id },
        confirmMoves: true,
      })
      await acts.shares.set(anna, 'group', done.id, 1, { percent: 100 })

      const hop = edited(mapping, { split: { kind: 'group', groupId: done.id } })
      const refusal: unknown = await acts.mappings.update(anna, mapping.id, 1, hop).catch((e: unknown) => e)
      expect(refusal).toMatchObject({
        code: 'moves_users',
        extra: {
          moves: [
            {
              mappingId: mapping.id,
              reshuffled: false,
              percentToLegacy: 0,
              intervals: [{ from: 2_500, to: 10_000, fromSide: 'legacy', toSide: 'new' }],
            },
          ],
        },
      })
      const moved = await acts.mappings.update(anna, mapping.id, 1, { ...hop, confirmMoves: true })
      expect(moved.split).toMatchObject({ groupId: done.id, percent: 100, cohort: { id: cohortId } })
      expect((await acts.historyOf(done.id)).at(-1)).toMatchObject({
        act: 'mapping.update',
        object: { id: mapping.id },
      })
    })

    it('keeps cohort, identity and share of the group a mapping leaves, so nobody moves', async () => {
      const group = await acts.aGroup({
        split: { identity: { kind: 'header', name: 'x-user' }, missing: 'client-ip' },
      })
      const mapping = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
      await acts.shares.set(anna, 'group', group.id, 1, { percent: 30 })
      const own = await acts.mappings.update(anna, mapping.id, 1, edited(mapping, { split: { kind: 'own' } }))
      expect(own.split).toEqual({ ...group.split, kind: 'own', percent: 30 })
      // Nobody who saw the group's share may set this one unseen.
      expect(own.shareVersion).toBeGreaterThan(2)
      await acts.shares.set(anna, 'mapping', mapping.id, own.shareVersion, { percent: 31 })
      expect(await acts.groups.get(group.id)).toMatchObject({ members: [], split: { percent: 30 } })
    })

    it('asks before a cohort or identity with a share is changed, and not at 0 or 100', async () => {
      const mapping = await acts.aMapping({ split: { kind: 'own', identity: { kind: 'cookie', name: 'a' } } })
      const other = edited(mapping, { split: { kind: 'own', identity: { kind: 'cookie', name: 'b' } } })
      const atZero = await acts.mappings.update(anna, mapping.id, 1, other)
      expect(atZero.split.identity).toEqual({ kind: 'cookie', name: 'b' })
      await acts.shares.set(anna, 'mapping', mapping.id, 1, { percent: 20 })
      const back = edited(mapping)
      const refused = acts.mappings.update(anna, mapping.id, 2, back)
      await expect(refused).rejects.toMatchObject({
        code: 'moves_users',
        extra: { moves: [{ reshuffled: true, percentToNew: 16, percentToLegacy: 16 }] },
      })
      expect((await acts.mappings.get(mapping.id)).version).toBe(2)
      await acts.mappings.update(anna, mapping.id, 2, { ...back, confirmMoves: true })
    })

    it('asks before a new mapping joins a group that has a share', async () => {
      const group = await acts.aGroup()
      await acts.shares.set(anna, 'group', group.id, 1, { percent: 10 })
      const split = { kind: 'group', groupId: group.id } as const
      await expect(acts.aMapping({ split })).rejects.toMatchObject({ code: 'moves_users' })
      const joined = await acts.aMapping({ split, confirmMoves: true })
      expect(joined).toMatchObject({ shareVersion: 2, split: { percent: 10 } })
    })

    it('gives two mappings of one cohort the same people', async () => {
      const first = await acts.aMapping()
      const cohortId = first.split.cohort.id
      const second = await acts.aMapping({ split: { kind: 'own', cohortId } })
      const { snapshot } = await loadSnapshot(store, 'default')
      const buckets = [first, second].map(({ id }) => {
        const split = snapshot.mappings.find((one) => one.id === id)?.split
        return split && 'cohort' in split ? bucketOf(split.cohort, 'reader-7') : null
      })
      expect(buckets[0]).toBe(buckets[1])
      expect((await acts.cohorts.get(cohortId)).usedBy).toHaveLength(2)
    })
  })

  it('lists page by page, each mapping once, with its last change', async () => {
    const { items } = await acts.mappings.list({ limit: 500, among: ['default'] })
    const paged: string[] = []
    let cursor: string | undefined
    do {
      const page = await acts.mappings.list({ limit: 3, cursor, among: ['default'] })
      expect(page.items.length).toBeLessThanOrEqual(3)
      paged.push(...page.items.map((item) => item.id))
      cursor = page.nextCursor ?? undefined
    } while (cursor !== undefined)
    expect(paged).toEqual(items.map((item) => item.id))
    expect(items.every((item) => item.lastChange !== null)).toBe(true)
    expect((await acts.mappings.list({ limit: 5, among: ['nowhere'] })).items).toEqual([])
  })
})
