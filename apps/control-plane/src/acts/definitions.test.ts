import { environmentInputSchema } from '@crossfade/contracts/api/environments'
import { groupUpdateSchema } from '@crossfade/contracts/api/groups'
import { segmentInputSchema } from '@crossfade/contracts/api/segments'
import { serviceCreateSchema, serviceInputSchema } from '@crossfade/contracts/api/services'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import { loadSnapshot } from '../store/snapshot.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, testActs, type TestActs } from './acts-for-test.ts'

describe('services, segments, groups and environments', () => {
  let store: Store
  let acts: TestActs

  beforeAll(async () => {
    store = await openStoreForTest()
    acts = testActs(store)
  })
  afterAll(() => store.close())

  const service = (name: string, instances = ['http://10.0.0.7:8080']) =>
    serviceInputSchema.parse({ name, instances })

  describe('services', () => {
    it('that are no longer verified say so in a change of their own, and again when they are', async () => {
      const verified = (verify: boolean) => ({
        ...service('trusting', ['https://books.internal']),
        tls: { verify, serverName: null, ca: null, clientCertificate: null },
      })
      const made = await acts.services.create(anna, { environmentId: 'default', ...verified(false) })
      await acts.services.update(ben, made.id, 1, verified(true))
      await acts.services.update(ben, made.id, 2, { ...verified(true), slowStartMs: 1 })
      await acts.services.update(anna, made.id, 3, verified(false))
      const { items } = await acts.changes.list({ among: 'all', objectId: made.id, limit: 50 })
      expect(items.map(({ act, actor }) => `${actor.name} ${act}`).toReversed()).toEqual([
        'Anna service.create',
        'Anna service.stop-verifying',
        'Ben service.update',
        'Ben service.verify',
        'Ben service.update',
        'Anna service.update',
        'Anna service.stop-verifying',
      ])
    })

    it('are made, changed and removed, each with a revision and an audit row', async () => {
      const before = await acts.revision()
      const made = await acts.aService('books')
      expect(made).toMatchObject({ version: 1, timeouts: { connectMs: 3_000 }, tls: { verify: true } })
      const input = service('books two', ['https://books.internal'])
      const changed = await acts.services.update(ben, made.id, 1, input)
      expect(changed).toMatchObject({ version: 2, name: 'books two', instances: ['https://books.internal'] })
      expect(await acts.services.get(made.id)).toEqual(changed)
      await acts.services.remove(anna, made.id, 2)
      expect(await acts.revision()).toBe(before + 3)
      expect((await acts.historyOf(made.id)).map((change) => [change.act, change.actor.name])).toEqual([
        ['service.create', 'Anna'],
        ['service.update', 'Ben'],
        ['service.delete', 'Anna'],
      ])
    })

    it.each(['http://user:secret@host', 'http://host/path', 'file:///etc/passwd', 'http://169.254.169.254'])(
      'refuse the address %s',
      async (url) => {
        const input = serviceCreateSchema.parse(service('bad', ['http://10.0.0.7', url]))
        await expect(acts.services.create(anna, input)).rejects.toMatchObject({
          code: 'invalid_address',
          errors: [{ path: 'instances.1' }],
        })
      },
    )

    it('cannot be removed while mappings or defaults use them, and say which', async () => {
      const mapping = await acts.aMapping()
      const used = mapping.legacy.serviceId
      await expect(acts.services.remove(anna, used, 1)).rejects.toMatchObject({
        code: 'in_use',
        extra: { mappings: [{ id: mapping.id, name: mapping.name }], defaultOf: [] },
      })
      const fallback = await acts.aService()
      const { version, name } = await acts.environments.get('default')
      const defaults = [{ host: null, serviceId: fallback.id }]
      await acts.environments.update(anna, 'default', version, { name, defaults })
      await expect(acts.services.remove(anna, fallback.id, 1)).rejects.toMatchObject({
        code: 'in_use',
        extra: { mappings: [], defaultOf: [null] },
      })
      await acts.environments.update(anna, 'default', version + 1, { name, defaults: [] })
      await acts.services.remove(anna, fallback.id, 1)
    })

    it('refuse a name that is taken, and a stale version', async () => {
      const [one, two] = [await acts.aService(), await acts.aService()]
      const taken = acts.services.update(anna, two.id, 1, service(one.name))
      await expect(taken).rejects.toMatchObject({ code: 'duplicate_name' })
      const stale = acts.services.update(anna, two.id, 7, service('x'))
      await expect(stale).rejects.toMatchObject({ code: 'version_conflict', extra: { currentVersion: 1 } })
    })
  })

  describe('segments', () => {
    const conditions = [
      { attribute: { kind: 'client-ip' }, operator: 'network', values: ['10.0.0.0/8'] },
    ] as const

    it('are changed with the history of the mappings that list them', async () => {
      const segment = await acts.aSegment()
      const mapping = await acts.aMapping({ segments: [segment.id] })
      const input = segmentInputSchema.parse({ name: segment.name, side: 'legacy', conditions })
      const changed = await acts.segments.update(ben, segment.id, 1, input)
      expect(changed).toMatchObject({ version: 2, side: 'legacy', conditions })
      expect((await acts.historyOf(mapping.id)).at(-1)?.act).toBe('segment.update')
      await expect(acts.segments.remove(anna, segment.id, 2)).rejects.toMatchObject({
        code: 'in_use',
        extra: { mappings: [{ id: mapping.id }] },
      })
    })

    it('refuse values that their operator cannot read', async () => {
      const segment = await acts.aSegment()
      const broken = [{ ...conditions[0], values: ['10.0.0.0/8', 'somewhere'] }]
      const input = segmentInputSchema.parse({ name: segment.name, side: 'new', conditions: broken })
      await expect(acts.segments.update(anna, segment.id, 1, input)).rejects.toMatchObject({
        code: 'invalid_input',
        errors: [{ path: 'conditions.0.values.1' }],
      })
    })

    it('can choose the allowed callers, and then stay', async () => {
      const segment = await acts.aSegment()
      const { version, name } = await acts.environments.get('default')
      const callers = { keyDigests: [], segmentId: segment.id }
      await acts.environments.update(anna, 'default', version, { name, callers })
      await expect(acts.segments.remove(anna, segment.id, 1)).rejects.toMatchObject({ code: 'in_use' })
      const none = { keyDigests: [], segmentId: null }
      await acts.environments.update(anna, 'default', version + 1, { name, callers: none })
      await acts.segments.remove(anna, segment.id, 1)
    })
  })

  describe('groups', () => {
    it('stay while they have members, and name them', async () => {
      const group = await acts.aGroup()
      const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
      await expect(acts.groups.remove(anna, group.id, 1)).rejects.toMatchObject({
        code: 'in_use',
        extra: { mappings: [{ id: member.id, name: member.name }] },
      })
      await acts.mappings.remove(anna, member.id, 1)
      await acts.groups.remove(anna, group.id, 1)
    })

    it('ask before a change of who they split by moves their members', async () => {
      const group = await acts.aGroup()
      const member = await acts.aMapping({ split: { kind: 'group', groupId: group.id } })
      await acts.shares.set(anna, 'group', group.id, 1, { percent: 50 })
      const renamed = groupUpdateSchema.parse({ name: 'renamed', description: 'just words' })
      expect(await acts.groups.update(anna, group.id, 1, renamed)).toMatchObject({
        version: 2,
        shareVersion: 2,
        split: { ...group.split, percent: 50 },
      })
      const split = { identity: { kind: 'client-ip' } } as const
      const moving = groupUpdateSchema.parse({ name: 'renamed', split })
      await expect(acts.groups.update(anna, group.id, 2, moving)).rejects.toMatchObject({
        code: 'moves_users',
        extra: { moves: [{ mappingId: member.id, reshuffled: true }] },
      })
      await acts.groups.update(anna, group.id, 2, { ...moving, confirmMoves: true })
      expect((await acts.historyOf(member.id)).at(-1)).toMatchObject({ act: 'group.update' })
    })
  })

  describe('environments', () => {
    it('start empty at revision 1, and listeners hear of them', async () => {
      const heard: string[] = []
      const stop = store.onRevision((id, revision) => heard.push(`${id} ${revision}`))
      const made = await acts.environments.create(anna, environmentInputSchema.parse({ name: 'staging' }))
      stop()
      expect(made).toMatchObject({ name: 'staging', revision: 1, version: 1, defaults: [] })
      expect(heard).toEqual([`${made.id} 1`])
      const { epoch, snapshot } = await loadSnapshot(store, made.id)
      expect(epoch).toBe(made.epoch)
      expect(snapshot.mappings).toEqual([])
      expect((await acts.historyOf(made.id)).map((change) => change.act)).toEqual(['environment.create'])
    })

    it('keep what an update leaves out', async () => {
      const made = await acts.environments.create(anna, { name: 'kept', trustedHops: ['10.0.0.0/8'] })
      const update = { name: 'kept', sendForwarded: true }
      const changed = await acts.environments.update(anna, made.id, 1, update)
      expect(changed).toMatchObject({ trustedHops: ['10.0.0.0/8'], sendForwarded: true, revision: 2 })
    })

    it('refuse defaults that lead nowhere or stand twice, and unreadable networks', async () => {
      const { id } = await acts.aService()
      const { version, name } = await acts.environments.get('default')
      const update = (settings: object) =>
        acts.environments.update(anna, 'default', version, { name, ...settings })
      const nowhere = { defaults: [{ host: null, serviceId: 'nowhere' }] }
      await expect(update(nowhere)).rejects.toMatchObject({
        code: 'invalid_reference',
        errors: [{ path: 'defaults.0.serviceId' }],
      })
      const twice = [
        { host: null, serviceId: id },
        { host: null, serviceId: id },
      ]
      await expect(update({ defaults: twice })).rejects.toMatchObject({
        code: 'invalid_input',
        errors: [{ path: 'defaults.1.host' }],
      })
      await expect(update({ trustedHops: ['office'] })).rejects.toMatchObject({
        errors: [{ path: 'trustedHops.0' }],
      })
    })

    it('keep things of other environments out', async () => {
      const { id } = await acts.environments.create(anna, { name: 'apart' })
      const foreign = await acts.aService()
      const there = acts.aMapping({ environmentId: id, legacy: { serviceId: foreign.id } })
      await expect(there).rejects.toMatchObject({ code: 'invalid_reference' })
    })

    it('stay while something is in them', async () => {
      const { id } = await acts.environments.create(anna, { name: 'short-lived' })
      const input = serviceCreateSchema.parse({ ...service('inside'), environmentId: id })
      const inside = await acts.services.create(anna, input)
      await expect(acts.environments.remove(anna, id, 1)).rejects.toMatchObject({
        code: 'in_use',
        extra: { services: 1, mappings: [] },
      })
      await acts.services.remove(anna, inside.id, 1)
      await acts.environments.remove(anna, id, 1)
      await expect(acts.environments.get(id)).rejects.toMatchObject({ code: 'not_found' })
      expect((await acts.historyOf(id)).at(-1)?.act).toBe('environment.delete')
    })
  })
})

describe('the last environment', () => {
  it('stays', async () => {
    const store = await openStoreForTest()
    const removal = testActs(store).environments.remove(anna, 'default', 1)
    await expect(removal).rejects.toMatchObject({ code: 'in_use' })
    await store.close()
  })
})
