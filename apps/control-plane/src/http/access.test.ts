import Fastify from 'fastify'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { can, roles, type Permission, type Role } from '@crossfade/contracts/roles'
import { openHttp, type HttpHouse, type Method } from './http-for-test.ts'
import { watchRoutes } from './plumbing/route-table.ts'
import type { RoutePermission } from './plumbing/app.ts'

/** Who may call what, written down a second time: a route that is new or changed must be decided here too. */
const matrix: Readonly<Record<string, RoutePermission>> = {
  'POST /session': 'public',
  'GET /session': 'account.own',
  'DELETE /session': 'account.own',
  'GET /sessions': 'account.own',
  'DELETE /sessions': 'account.own',
  'DELETE /sessions/:id': 'account.own',
  'PUT /account/password': 'account.own',
  'POST /links/inspect': 'public',
  'POST /links/accept': 'public',
  'POST /links/sign-in': 'public',
  'POST /local/link': 'user.manage',
  'GET /roles': 'public',
  'GET /openapi.json': 'public',
  'GET /environments': 'read',
  'GET /environments/:id': 'read',
  'POST /environments': 'environment.edit',
  'PUT /environments/:id': 'environment.edit',
  'DELETE /environments/:id': 'environment.edit',
  'POST /environments/:id/rollback': 'rollback',
  'GET /services': 'read',
  'GET /services/:id': 'read',
  'POST /services': 'service.edit',
  'PUT /services/:id': 'service.edit',
  'DELETE /services/:id': 'service.edit',
  'GET /mappings': 'read',
  'GET /mappings/:id': 'read',
  'POST /mappings': 'mapping.edit',
  'PUT /mappings/:id': 'mapping.edit',
  'DELETE /mappings/:id': 'mapping.edit',
  'POST /mappings/preview': 'read',
  'PUT /mappings/:id/share': 'share.change',
  'POST /mappings/:id/share/preview': 'read',
  'POST /mappings/:id/rollback': 'rollback',
  'GET /groups': 'read',
  'GET /groups/:id': 'read',
  'POST /groups': 'group.edit',
  'PUT /groups/:id': 'group.edit',
  'DELETE /groups/:id': 'group.edit',
  'PUT /groups/:id/share': 'share.change',
  'POST /groups/:id/share/preview': 'read',
  'POST /groups/:id/rollback': 'rollback',
  'GET /segments': 'read',
  'GET /segments/:id': 'read',
  'POST /segments': 'segment.edit',
  'PUT /segments/:id': 'segment.edit',
  'DELETE /segments/:id': 'segment.edit',
  'GET /cohorts': 'read',
  'GET /cohorts/:id': 'read',
  'GET /agents': 'read',
  'GET /agents/:id': 'read',
  'DELETE /agents/:id': 'agent.manage',
  'POST /agents/:id/emergencies/:emergencyId/clear': 'emergency.clear',
  'GET /agent-tokens': 'agent.manage',
  'POST /agent-tokens': 'agent.manage',
  'DELETE /agent-tokens/:id': 'agent.manage',
  'GET /changes': 'read',
  'GET /changes/:seq': 'read',
  'POST /changes/verification': 'read',
  'GET /users': 'user.manage',
  'POST /users': 'user.manage',
  'PUT /users/:id': 'user.manage',
  'DELETE /users/:id': 'user.manage',
  'POST /users/:id/invite': 'user.manage',
  'GET /tokens': 'token.manage',
  'POST /tokens': 'token.manage',
  'DELETE /tokens/:id': 'token.manage',
  'GET /stats/series': 'read',
  'GET /stats/overview': 'read',
  'GET /stats/paths': 'read',
  'GET /stats/clients': 'read',
  'POST /explain': 'explain',
  'GET /snapshot': 'agent.manage',
  'GET /link': 'agent',
  'GET /live': 'read',
}

let house: HttpHouse
beforeAll(async () => {
  house = await openHttp()
})
afterAll(() => house.close())

const named = (route: { method: string; url: string }) =>
  `${route.method} ${route.url.slice('/api/v1'.length)}`
const entries = Object.entries(matrix)
const isForRoles = (entry: [string, RoutePermission]): entry is [string, Permission] =>
  entry[1] !== 'public' && entry[1] !== 'agent'

/** The code of each refusal; undefined for an answer that is none. */
async function askAsEverybody(name: string) {
  const [method, path = ''] = name.split(' ')
  const url = `/api/v1${path.replaceAll(/:\w+/g, '12345')}`
  const codeAs = async (role: Role | null) =>
    (await house.ask(role, method as Method, url)).body['code'] as string | undefined
  return {
    nobody: await codeAs(null),
    viewer: await codeAs('viewer'),
    operator: await codeAs('operator'),
    editor: await codeAs('editor'),
    admin: await codeAs('admin'),
  }
}

describe('who may do what', () => {
  it('is decided for every route there is, and for no other', () => {
    const routes = Object.fromEntries(house.routes.map((route) => [named(route), route.permission]))
    expect(routes).toEqual(matrix)
  })

  it.each(entries.filter(isForRoles))('%s (%s)', async (name, permission) => {
    const answers = await askAsEverybody(name)
    expect(answers.nobody).toBe('unauthenticated')
    const onlyPersons = permission === 'account.own' && name !== 'GET /session'
    for (const role of roles) {
      expect([role, answers[role] === 'forbidden']).toEqual([role, onlyPersons || !can(role, permission)])
    }
  })

  it.each(entries.filter(([, permission]) => permission === 'public'))('%s (%s)', async (name) => {
    const { nobody } = await askAsEverybody(name)
    expect(['unauthenticated', 'forbidden']).not.toContain(nobody)
  })

  it("keeps everybody but agents off the agents' link", async () => {
    expect(new Set(Object.values(await askAsEverybody('GET /link')))).toEqual(new Set(['unauthenticated']))
  })

  it('is refused before the body is read', async () => {
    const answer = await house.ask('viewer', 'POST', 'services', { text: 'not json' })
    expect(answer.status).toBe(403)
    expect(answer.body).toMatchObject({ code: 'forbidden', neededRole: 'editor' })
  })

  it('does not start with a route that forgot to say it', async () => {
    const app = Fastify()
    watchRoutes(app)
    expect(() => app.get('/forgotten', async () => 'hello')).toThrow('does not say who may call it')
  })
})

describe('credentials that are none', () => {
  it.each([
    ['an unknown token', `Bearer cfp_${'x'.repeat(43)}`],
    ['no token', 'Bearer'],
    ['another scheme', 'Basic YWRhOnB3'],
    ['an agent token that never was', `Bearer cfa_1_${'0'.repeat(64)}_${'0'.repeat(32)}`],
  ])('%s', async (_name, authorization) => {
    const answer = await house.ask(null, 'GET', 'mappings', { headers: { authorization } })
    expect([answer.status, answer.body['code']]).toEqual([401, 'unauthenticated'])
    expect(answer.headers['www-authenticate']).toBe('Bearer')
  })
})
