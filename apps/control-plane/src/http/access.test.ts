import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { can, permissions, type Access, type Permission } from '@crossfade/contracts/roles'
import { accessMatrix } from './access-matrix-for-test.ts'
import { sampleOf } from './access-requests-for-test.ts'
import { openAccessScene, type AccessScene } from './access-scene-for-test.ts'
import type { Answer } from './http-for-test.ts'
import { watchRoutes, type RouteEntry } from './plumbing/route-table.ts'

let scene: AccessScene
beforeAll(async () => {
  scene = await openAccessScene()
})
afterAll(() => scene.house.close())

const everyRoute = Object.keys(accessMatrix)
const permissionOf = (route: string) => accessMatrix[route]?.split(' ')[0] as Permission | 'public' | 'agent'
/** What only a person has, so that a token of whatever role is refused. */
const isOfPersons = (route: string) => permissionOf(route) === 'account.own' && route !== 'GET /session'

type Outcome = 'unauthenticated' | 'nothing there' | 'forbidden' | 'let in'

function outcomeOf({ body, status }: Answer): Outcome {
  if (body['code'] === 'unauthenticated' || body['code'] === 'forbidden') return body['code']
  // A handler behind the guard has other words for what it does not find.
  const isHidden = status === 404 && String(body['detail']).startsWith('There is no such')
  return isHidden ? 'nothing there' : 'let in'
}

/** What is due to somebody who asks about something in the environment `here`. */
function due(route: string, bearer: string | undefined, access: Access | null, here: string): Outcome {
  const permission = permissionOf(route)
  if (permission === 'public') return bearer === undefined || access ? 'let in' : 'unauthenticated'
  if (permission === 'agent') return 'unauthenticated'
  if (!access) return 'unauthenticated'
  if (isOfPersons(route)) return 'forbidden'
  if (can(access, permission, here)) return 'let in'
  const hasEnvironment = accessMatrix[route]?.includes(' ') ?? false
  return hasEnvironment && !can(access, 'read', here) ? 'nothing there' : 'forbidden'
}

describe('RBAC-01: every route', () => {
  it('is in the matrix, and no other', () => {
    const declared = ({ permission, environment }: RouteEntry) => {
      if (environment === null) return permission
      return typeof environment === 'string'
        ? `${permission} in ${environment}`
        : `${permission} of ${environment.of}`
    }
    const routes = scene.house.routes.map((route) => [
      `${route.method} ${route.url.slice('/api/v1'.length)}`,
      declared(route),
    ])
    expect(Object.fromEntries(routes)).toEqual(accessMatrix)
  })

  it.each(everyRoute)('%s lets in exactly those who may', async (route) => {
    const { here, people, ask } = scene
    const [method = ''] = route.split(' ')
    for (const [who, { bearer, access }] of Object.entries(people)) {
      if (route === 'GET /link' && who === 'an agent') continue
      const { path, body } = await sampleOf(route, scene, here)
      const answer = await ask(bearer, method, path, { ...(body && { body }) })
      expect([who, outcomeOf(answer)]).toEqual([who, due(route, bearer, access, here.environment)])
      if (answer.body['code'] === 'invalid_input') throw new Error(`${route}: ${answer.text}`)
    }
  })

  it('does not start without saying who may call it, and how its environment is found', () => {
    const app = Fastify()
    watchRoutes(app)
    expect(() => app.get('/forgotten', async () => 'hello')).toThrow('does not say who may call it')
    const half = { config: { permission: 'read' } } as const
    expect(() => app.get('/half', half, async () => 'hello')).toThrow('how its environment is found')
    expect(Object.values(permissions).some(({ of }) => of === 'environment')).toBe(true)
  })

  it('is refused before its body is read where that is hopeless', async () => {
    const { here, people, ask } = scene
    const answer = await ask(people['viewer everywhere']?.bearer, 'POST', 'services', { text: 'not json' })
    expect(answer).toMatchObject({ status: 403, body: { code: 'forbidden', neededRole: 'editor' } })
    const body = { environmentId: here.environment }
    const said = await ask(people['viewer here only']?.bearer, 'POST', 'groups', {
      body: { ...body, name: 'g' },
    })
    expect(said.body).toMatchObject({
      neededRole: 'editor',
      environmentId: here.environment,
      detail: 'This needs the editor role in here; yours there is viewer',
    })
  })
})

describe('RBAC-01: credentials that are none', () => {
  it.each([
    ['an unknown token', `Bearer cfp_${'x'.repeat(43)}`],
    ['no token', 'Bearer'],
    ['another scheme', 'Basic YWRhOnB3'],
    ['an agent token that never was', `Bearer cfa_1_${'0'.repeat(64)}_${'0'.repeat(32)}`],
  ])('%s', async (_name, authorization) => {
    const answer = await scene.house.ask(null, 'GET', 'mappings', { headers: { authorization } })
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated'])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })
})
