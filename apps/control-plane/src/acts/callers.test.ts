import { environmentInputSchema } from '@crossfade/contracts/api/environments'
import type { MappingCheck } from '@crossfade/core/auth/auth'
import { sha256Hex } from '@crossfade/runtime/seal'
import { anIssuer, aPolicy, aRequirement } from '@crossfade/testkit/builders'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openStoreForTest } from '../store/open-for-test.ts'
import { loadSnapshot } from '../store/snapshot.ts'
import type { Store } from '../store/store.ts'
import { anna, ben, testActs, type TestActs } from './acts-for-test.ts'

describe('callers', () => {
  let store: Store
  let acts: TestActs
  beforeAll(async () => {
    store = await openStoreForTest()
    acts = testActs(store)
  })
  afterAll(() => store.close())

  const update = async (auth: object) => {
    const { name, version } = await acts.environments.get('default')
    return acts.environments.update(
      anna,
      'default',
      version,
      environmentInputSchema.parse({ name, auth: JSON.parse(JSON.stringify(auth)) }),
    )
  }
  const authOf = async () => (await loadSnapshot(store, 'default')).snapshot.environment.auth
  const aCheckedMapping = (auth: MappingCheck) =>
    acts.aMapping({ policy: JSON.parse(JSON.stringify(aPolicy({ auth }))) })

  it('find an environment that asks nothing, and paths that wait for the first check', async () => {
    const environment = await acts.environments.get('default')
    expect(environment.auth).toEqual({
      issuers: [],
      apiKeys: [],
      apiKeyHeader: 'x-api-key',
      mapped: 'none',
      unmapped: 'none',
      preflight: 'check',
    })
    expect(environment.paths.encodedSlash).toBe('auto')
  })

  it('get issuers field by field; what is left out stays', async () => {
    await update({ issuers: [anIssuer()] })
    await update({ preflight: 'pass' })
    expect(await authOf()).toMatchObject({ issuers: [anIssuer()], preflight: 'pass' })
  })

  it.each([
    [
      { issuers: [anIssuer({ jwksUrl: 'http://169.254.169.254/keys' })] },
      'invalid_address',
      'auth.issuers.0.jwksUrl',
    ],
    [{ issuers: [anIssuer(), anIssuer({ issuer: 'other' })] }, 'invalid_input', 'auth.issuers.1.name'],
    [{ mapped: aRequirement({ issuers: ['nobody'] }) }, 'invalid_input', 'auth.mapped.issuers.0'],
  ])('are refused what cannot work: %o', async (auth, code, path) => {
    const before = await authOf()
    await expect(update(auth)).rejects.toMatchObject({ code, errors: [{ path }] })
    expect(await authOf()).toEqual(before)
  })

  it('cannot lose an issuer that a mapping asks for', async () => {
    await update({ issuers: [anIssuer()] })
    await expect(aCheckedMapping(aRequirement({ issuers: ['nobody'] }))).rejects.toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'policy.auth.issuers.0' }],
    })
    const mapping = await aCheckedMapping(aRequirement({ issuers: ['login'] }))
    expect(mapping.policy.auth).toEqual(aRequirement({ issuers: ['login'] }))
    await expect(update({ issuers: [] })).rejects.toMatchObject({
      code: 'in_use',
      extra: { mappings: [{ id: mapping.id }] },
    })
    await acts.mappings.remove(anna, mapping.id, 1)
    await update({ issuers: [] })
  })

  it('get keys that are shown once; the trail has their names and no digest', async () => {
    const made = await acts.apiKeys.create(ben, 'default', { name: 'shop', mappings: 'all' })
    expect(made.key).toMatch(/^cfk_[A-Za-z0-9_-]{43}$/)
    expect((await authOf()).apiKeys).toEqual([
      { id: made.id, name: 'shop', digest: sha256Hex(made.key), mappings: 'all', createdAt: made.createdAt },
    ])
    await acts.apiKeys.revoke(anna, 'default', made.id)
    expect((await authOf()).apiKeys).toEqual([])
    const history = await acts.historyOf(made.id)
    expect(history.map(({ act, actor, object }) => [act, actor.name, object.name])).toEqual([
      ['api-key.create', 'Ben', 'shop'],
      ['api-key.revoke', 'Anna', 'shop'],
    ])
    expect(JSON.stringify(history)).not.toContain(made.key)
    expect(JSON.stringify(history)).not.toContain(made.digest)
    await expect(acts.apiKeys.revoke(anna, 'default', made.id)).rejects.toMatchObject({ code: 'not_found' })
  })

  it('are refused a key whose name is taken, or that opens what is not there', async () => {
    await acts.apiKeys.create(ben, 'default', { name: 'twice', mappings: 'all' })
    await expect(
      acts.apiKeys.create(ben, 'default', { name: 'twice', mappings: 'all' }),
    ).rejects.toMatchObject({
      code: 'duplicate_name',
      errors: [{ path: 'name' }],
    })
    await expect(
      acts.apiKeys.create(ben, 'default', { name: 'other', mappings: ['nothing'] }),
    ).rejects.toMatchObject({ code: 'invalid_reference', errors: [{ path: 'mappings.0' }] })
    expect((await authOf()).apiKeys.map(({ name }) => name)).toEqual(['twice'])
  })
})
