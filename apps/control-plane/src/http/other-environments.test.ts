import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemAuthor } from '../store/author.ts'
import { accessMatrix } from './access-matrix-for-test.ts'
import { sampleOf } from './access-requests-for-test.ts'
import { mappingBody, openAccessScene, type AccessScene, type Furnished } from './access-scene-for-test.ts'
import type { Answer } from './http-for-test.ts'

let scene: AccessScene
let bearer: string
beforeAll(async () => {
  scene = await openAccessScene()
  // An administrator of `here` who must not learn anything of `there`.
  const access = {
    everywhere: null,
    environments: [{ environmentId: scene.here.environment, role: 'admin' as const }],
  }
  const made = await scene.house.people.apiTokens.create(systemAuthor, {
    name: 'mallory',
    access,
    expiresAt: null,
  })
  bearer = made.token
})
afterAll(() => scene.house.close())

const ask = (method: string, path: string, body?: object, version?: number) =>
  scene.ask(bearer, method, path, { ...(body && { body }), ...(version !== undefined && { version }) })
const without = ({ status, body }: Answer) => {
  const { requestId: _own, ...rest } = body
  return { status, ...rest }
}
const secrets = ({ name }: Furnished) => new RegExp(`${name}-(service|group|segment|mapping|agent)`)
/** Ids that nothing has, in the form of those that something has. */
const nowhere = (place: Furnished): Furnished => ({
  ...(Object.fromEntries(
    Object.keys(place).map((key) => [key, '01900000-0000-7000-8000-000000000000']),
  ) as unknown as Furnished),
  change: '987654321',
})
const ofEnvironments = Object.keys(accessMatrix).filter(
  (route) => accessMatrix[route]?.includes(' ') && !route.includes('/agent-tokens/:id'),
)

describe('RBAC-02: an id of another environment', () => {
  it.each(ofEnvironments)('is answered by %s as one that does not exist', async (route) => {
    const [method = ''] = route.split(' ')
    const theirs = await sampleOf(route, scene, scene.there)
    const noones = await sampleOf(route, scene, nowhere(scene.there))
    const answer = await ask(method, theirs.path, theirs.body, 1)
    expect(answer.status).toBe(404)
    expect(without(answer)).toEqual(without(await ask(method, noones.path, noones.body, 1)))
    expect(answer.text).not.toMatch(secrets(scene.there))
  })

  it.each([
    ['a service of a mapping', 'mappings', (at: Furnished) => ({ legacy: { serviceId: at.service } })],
    [
      'a group of a mapping',
      'mappings',
      (at: Furnished) => ({ split: { kind: 'group', groupId: at.group } }),
    ],
    [
      'a cohort of a mapping',
      'mappings',
      (at: Furnished) => ({ split: { kind: 'own', cohortId: at.cohort } }),
    ],
    ['a segment of a mapping', 'mappings', (at: Furnished) => ({ segments: [at.segment] })],
    [
      'a group in a preview',
      'mappings/preview',
      (at: Furnished) => ({ split: { kind: 'group', groupId: at.group } }),
    ],
    [
      'a cohort in a preview',
      'mappings/preview',
      (at: Furnished) => ({ split: { kind: 'own', cohortId: at.cohort } }),
    ],
    ['the mapping of a preview', 'mappings/preview', (at: Furnished) => ({ id: at.mapping })],
  ])('as %s is refused as one that does not exist', async (_name, path, change) => {
    const answers = []
    for (const place of [scene.there, nowhere(scene.there)]) {
      const answer = await ask('POST', path, { ...mappingBody(scene.here, 'smuggled'), ...change(place) })
      expect(answer.status).toBeGreaterThanOrEqual(400)
      expect(answer.text).not.toMatch(secrets(scene.there))
      const ids = new RegExp(
        Object.values(place)
          .filter((id) => id.length > 20)
          .join('|'),
        'g',
      )
      answers.push(JSON.stringify(without(answer)).replaceAll(ids, 'ID'))
    }
    expect(answers[0]).toBe(answers[1])
  })

  it.each([
    [
      'a cohort of a group',
      'groups',
      (at: Furnished) => ({ name: 'smuggled', split: { cohortId: at.cohort } }),
    ],
  ])('as %s is refused too', async (_name, path, body) => {
    const answer = await ask('POST', path, { environmentId: scene.here.environment, ...body(scene.there) })
    expect([answer.status, answer.body['code']]).toEqual([422, 'invalid_reference'])
  })

  it('as a default service or the segment of callers is refused too', async () => {
    const { here, there } = scene
    for (const change of [
      { defaults: [{ host: null, serviceId: there.service }] },
      { callers: { keyDigests: [], segmentId: there.segment } },
    ]) {
      const answer = await ask('PUT', `environments/${here.environment}`, { name: here.name, ...change }, 1)
      expect([answer.status, answer.body['code']]).toEqual([422, 'invalid_reference'])
    }
  })

  it('beside a mapping of ours in a query is refused', async () => {
    const { here, there } = scene
    for (const query of [
      `mappingId=${there.mapping}&environmentId=${here.environment}`,
      `mappingId=${here.mapping}&environmentId=${there.environment}`,
    ]) {
      expect((await ask('GET', `stats/series?from=1&${query}`)).status).toBe(404)
    }
  })
})

describe('RBAC-02: lists', () => {
  const lists = [
    'environments',
    'services',
    'mappings',
    'groups',
    'segments',
    'cohorts',
    'agent-tokens',
    'changes',
  ]

  it.each(lists)('%s leave out what is elsewhere, also when searched and paged', async (list) => {
    const { here, there } = scene
    const all = await ask('GET', list)
    expect(all.status).toBe(200)
    expect(all.text).toContain(here.environment)
    const pages = [all, await ask('GET', `${list}?limit=1`), await ask('GET', `${list}?cursor=0`)]
    if (list === 'changes') {
      pages.push(
        await ask('GET', 'changes?text=there'),
        await ask('GET', `changes?objectId=${there.mapping}`),
        await ask('GET', `changes?cursor=${there.change}`),
      )
    }
    for (const page of pages) {
      expect(page.text).not.toContain(there.environment)
      expect(page.text).not.toMatch(secrets(there))
      expect(page.text).not.toContain('there@example.com')
    }
  })

  it('are empty for somebody without rights, who may still read their own account', async () => {
    const idle = scene.people['somebody without rights']?.bearer
    for (const list of lists.filter((one) => one !== 'agent-tokens')) {
      expect((await scene.ask(idle, 'GET', list)).body['items']).toEqual([])
    }
    expect((await scene.ask(idle, 'GET', 'session')).body).toMatchObject({
      access: { everywhere: null, environments: [] },
    })
  })
})

describe('RBAC-02: names', () => {
  it('of environments one may not read cannot be tried out by renaming', async () => {
    const { here, there } = scene
    const version = (await ask('GET', `environments/${here.environment}`)).body['version'] as number
    const taken = await ask('PUT', `environments/${here.environment}`, { name: there.name }, version)
    const free = await ask('PUT', `environments/${here.environment}`, { name: 'nobody has this' }, version)
    expect(without(taken)).toEqual(without(free))
    expect(taken).toMatchObject({ status: 403, body: { neededRole: 'admin', environmentId: null } })
    const same = { name: here.name, sendForwarded: true }
    expect((await ask('PUT', `environments/${here.environment}`, same, version)).status).toBe(200)
  })

  it('of a few administrators are told to whoever may read the environment', async () => {
    const { here } = scene
    const path = `environments/${here.environment}/administrators`
    const viewer = await scene.ask(scene.people['viewer here only']?.bearer, 'GET', path)
    expect(viewer).toMatchObject({ status: 200, body: { here: [], everywhere: [] } })
  })
})

describe('RBAC-01: rights', () => {
  it('in an environment that does not exist cannot be given', async () => {
    const access = { everywhere: null, environments: [{ environmentId: 'nowhere', role: 'viewer' }] }
    const answer = await scene.house.ask('admin', 'POST', 'tokens', { body: { name: 'x', access } })
    expect(answer.body).toMatchObject({
      code: 'invalid_reference',
      errors: [{ path: 'access.environments.0.environmentId' }],
    })
  })

  it('end with the environment they are in', async () => {
    const { id } = await scene.house.ask('admin', 'POST', 'environments', { body: { name: 'short-lived' } })
    const access = { everywhere: null, environments: [{ environmentId: id, role: 'admin' as const }] }
    const made = await scene.house.people.apiTokens.create(systemAuthor, {
      name: 'brief',
      access,
      expiresAt: null,
    })
    expect((await scene.ask(made.token, 'GET', `environments/${id}`)).status).toBe(200)
    await scene.house.ask('admin', 'DELETE', `environments/${id}`, { version: 1 })
    expect((await scene.ask(made.token, 'GET', 'session')).body).toMatchObject({
      access: { environments: [] },
    })
    expect((await scene.ask(made.token, 'GET', `environments/${id}`)).status).toBe(404)
  })
})
