import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { apiTokenCreatedSchema } from '@crossfade/contracts/api/people'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { mappingViewSchema } from '@crossfade/contracts/api/mappings'
import { roles, type Access } from '@crossfade/contracts/roles'
import { upgrade } from './harness/asking.ts'
import { openPeopleHouse, type PeopleHouse } from './harness/people-house.ts'

/** Of the OpenAPI document, what says who may call an operation. */
const operationSchema = z.object({ description: z.string().default('') })
const documentSchema = z.object({ paths: z.record(z.string(), z.record(z.string(), operationSchema)) })
interface Operation {
  readonly method: string
  readonly path: string
  readonly needs: string
  /** `everywhere` or `in the environment`. */
  readonly where: string
  readonly isOfEnvironment: boolean
}

let house: PeopleHouse
let operations: Operation[]
const environments: string[] = []
const ids = new Map<string, string>()
let bearers: { here: Record<string, string>; elsewhere: string; revoked: string }

beforeAll(async () => {
  house = await openPeopleHouse()
  const { api } = house
  const document = await api.call('GET', '/api/v1/openapi.json', documentSchema)
  operations = operationsOf(document)
  for (const name of ['here', 'elsewhere']) {
    environments.push(
      (await api.call('POST', '/api/v1/environments', environmentViewSchema, { body: { name } })).id,
    )
  }
  const [environmentId = ''] = environments
  const service = { environmentId, name: 'kept-quiet', instances: ['http://127.0.0.1:65000'] }
  const { id: serviceId } = await api.call('POST', '/api/v1/services', serviceViewSchema, { body: service })
  const target = { serviceId }
  const mapping = {
    environmentId,
    name: 'kept-quiet',
    match: { path: { kind: 'exact', path: '/quiet' } },
    legacy: target,
    new: target,
  }
  const { id: mappingId } = await api.call('POST', '/api/v1/mappings', mappingViewSchema, { body: mapping })
  ids.set('services', serviceId).set('mappings', mappingId).set('environments', environmentId)
  const token = (name: string, access: Access) =>
    api.call('POST', '/api/v1/tokens', apiTokenCreatedSchema, { body: { name, access } })
  const only = (id: string | undefined, role: (typeof roles)[number]): Access => ({
    everywhere: null,
    environments: [{ environmentId: id ?? '', role }],
  })
  const here: Record<string, string> = {}
  for (const role of roles) here[role] = (await token(role, only(environments[0], role))).token
  const elsewhere = (await token('elsewhere', only(environments[1], 'admin'))).token
  const revoked = await token('revoked', only(environments[0], 'admin'))
  await api.call('DELETE', `/api/v1/tokens/${revoked.id}`, z.unknown())
  bearers = { here, elsewhere, revoked: revoked.token }
}, 120_000)
afterAll(() => house.close())

const asked = (bearer: string) => ({ headers: { authorization: `Bearer ${bearer}` } })
const outcome = async ({ method, path }: Operation, bearer: string) => {
  const { status, code } = await house.ask(method, path, asked(bearer))
  return `${status} ${code ?? ''}`.trim()
}

describe('RBAC-01: against a running control plane, every operation of its OpenAPI document', () => {
  it('is closed without credentials, and to a revoked token', async () => {
    const known = operations.filter(({ needs }) => needs !== '')
    expect(known.length).toBeGreaterThan(50)
    for (const operation of known) {
      expect([operation.path, (await house.ask(operation.method, operation.path)).status]).toEqual([
        operation.path,
        401,
      ])
      expect(await outcome(operation, bearers.revoked)).toBe('401 unauthenticated')
    }
  })

  it('of the installation is refused to an administrator of one environment', async () => {
    const known = operations.filter(({ needs, isOfEnvironment }) => needs !== '' && !isOfEnvironment)
    expect(known.length).toBeGreaterThan(5)
    for (const operation of known) {
      expect([operation.path, await outcome(operation, bearers.here['admin'] ?? '')]).toEqual([
        operation.path,
        '403 forbidden',
      ])
    }
  })

  it('on an object lets in the roles it needs and no lower one', async () => {
    // Those that need no body: what is wrong with one is said before who may send it.
    const known = operations.filter(
      ({ method, path, isOfEnvironment }) =>
        isOfEnvironment &&
        [...ids.values()].some((id) => path.includes(id)) &&
        method !== 'PUT' &&
        (method !== 'POST' || path.endsWith('/rollback')),
    )
    expect(known.length).toBeGreaterThan(8)
    for (const operation of known) {
      for (const role of roles) {
        const isEnough =
          operation.where === 'in the environment' &&
          roles.indexOf(role) >= roles.indexOf(operation.needs as (typeof roles)[number])
        const heard = await outcome(operation, bearers.here[role] ?? '')
        expect([operation.method, operation.path, role, heard === '403 forbidden']).toEqual([
          operation.method,
          operation.path,
          role,
          !isEnough,
        ])
      }
    }
  })
})

describe('RBAC-02: against a running control plane, an administrator of another environment', () => {
  it('hears 404 about every object, and no name of it', async () => {
    const known = operations.filter(
      ({ method, path }) => method === 'GET' && [...ids.values()].some((id) => path.includes(id)),
    )
    for (const { method, path } of known) {
      const heard = await house.ask(method, path, asked(bearers.elsewhere))
      expect([path, heard.status]).toEqual([path, 404])
      expect(heard.text).not.toContain('kept-quiet')
    }
    for (const list of ['environments', 'services', 'mappings', 'changes', 'cohorts', 'agents']) {
      const heard = await house.ask('GET', `/api/v1/${list}`, asked(bearers.elsewhere))
      expect([list, heard.status, heard.text.includes('kept-quiet')]).toEqual([list, 200, false])
    }
  })

  it('opens no live feed of it, but their own', async () => {
    const open = async (environmentId: string) => {
      const headers = { ...upgrade, authorization: `Bearer ${bearers.elsewhere}` }
      return (await house.ask('GET', `/api/v1/live?environmentId=${environmentId}`, { headers })).status
    }
    expect(await open(environments[0] ?? '')).toBe(404)
    expect(await open('no-such-environment')).toBe(404)
    expect(await open(environments[1] ?? '')).toBe(101)
  })
})

/** With the id of what this scene has; other ids are of things that do not exist. */
function operationsOf({ paths }: z.infer<typeof documentSchema>): Operation[] {
  return Object.entries(paths).flatMap(([template, methods]) =>
    Object.entries(methods).map(([method, { description }]) => {
      const [, needs = '', where = ''] =
        /Needs the (\w+) role (in the environment|everywhere)/.exec(description) ?? []
      return {
        method: method.toUpperCase(),
        get path() {
          const [kind = ''] = template.replace('/api/v1/', '').split('/')
          return template.replace('{id}', ids.get(kind) ?? 'none').replaceAll(/\{\w+\}/g, '1')
        },
        needs,
        where,
        isOfEnvironment: where === 'in the environment' || template.startsWith('/api/v1/environments/{id}'),
      }
    }),
  )
}
