import { describe, expect, it } from 'vitest'
import type { ShareResult } from '@crossfade/contracts/api/mappings'
import { becomeAdministrator } from '../people/people-for-test.ts'
import { ask, openHttp, publicUrl } from './http-for-test.ts'

const result: ShareResult = {
  kind: 'mapping',
  id: 'm1',
  name: 'books',
  percent: 0,
  percentBefore: 25,
  shareVersion: 3,
  revision: 9,
  changed: true,
  mappingIds: ['m1'],
  recorded: false,
}

describe('with the database away', () => {
  it('people who were known can roll back, and nothing else', async () => {
    const authors: string[] = []
    const house = await openHttp({
      rollBack: {
        mapping: async (author) => {
          authors.push(author.actor.name)
          return result
        },
        group: async () => result,
        environment: async () => ({ revision: 9, rolledBack: [], skipped: [], recorded: false }),
      },
    })
    await becomeAdministrator(house.people, 'ada@example.com', 'correct horse')
    const origin = { origin: publicUrl }
    const body = { email: 'ada@example.com', password: 'correct horse' }
    const signedIn = await ask(house, 'POST', 'session', { body, headers: origin })
    const cookie = String(signedIn.headers['set-cookie']).split(';', 1)[0] ?? ''
    const ada = { headers: { ...origin, cookie } }
    expect((await ask(house, 'GET', 'session', ada)).status).toBe(200)
    expect((await house.ask('operator', 'GET', 'session')).status).toBe(200)
    expect((await house.ask('viewer', 'GET', 'session')).status).toBe(200)

    await house.store.close()

    expect(await ask(house, 'POST', 'mappings/m1/rollback', ada)).toMatchObject({ status: 200, body: result })
    expect((await house.ask('operator', 'POST', 'mappings/m1/rollback')).status).toBe(200)
    expect(authors).toEqual(['Ada', 'a operator'])
    expect((await house.ask('operator', 'POST', 'environments/default/rollback')).status).toBe(200)

    expect((await house.ask('viewer', 'POST', 'mappings/m1/rollback')).status).toBe(403)
    const others = [
      ask(house, 'GET', 'mappings', ada),
      house.ask('operator', 'PUT', 'mappings/m1/share', { body: { percent: 1 }, version: 1 }),
      house.ask('admin', 'POST', 'mappings/m1/rollback'),
    ]
    for (const answer of await Promise.all(others)) {
      expect([answer.status, answer.body['code']]).toEqual([503, 'store_unavailable'])
    }
    await house.app.close()
  })
})
