import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { ask, openHttp, type HttpHouse } from './http-for-test.ts'
import { apiLimits } from './plumbing/api-limits.ts'

let house: HttpHouse
beforeAll(async () => {
  house = await openHttp()
})
afterAll(() => house.close())

describe('a caller of the API', () => {
  it('waits after too many calls, is told so before, and may still roll back; no other waits for it', async () => {
    house.clock.advance(60_000)
    const call = () => house.ask('operator', 'GET', 'session')
    const first = await call()
    expect(first.headers['ratelimit-policy']).toBe('"principal";q=1200;w=60')
    expect(first.headers['ratelimit']).toBe('"principal";r=1199;t=60')
    for (let i = 1; i < apiLimits.principal; i++) await call()
    const refused = await call()
    expect(refused).toMatchObject({ status: 429, body: { code: 'rate_limited' } })
    expect(refused.headers).toMatchObject({ 'retry-after': '60', ratelimit: '"principal";r=0;t=60' })
    const rollBack = await house.ask('operator', 'POST', 'environments/default/rollback', { body: {} })
    expect(rollBack.status).toBe(200)
    expect((await house.ask('admin', 'GET', 'session')).status).toBe(200)
    house.clock.advance(60_000)
    expect((await call()).status).toBe(200)
  })

  it('without a name counts by address', async () => {
    const call = () => ask(house, 'GET', 'roles')
    for (let i = 0; i < apiLimits.address; i++) await call()
    const refused = await call()
    expect([refused.status, refused.headers['ratelimit-policy']]).toEqual([429, '"address";q=300;w=60'])
    expect((await ask(house, 'GET', '/readyz')).status).toBe(200)
  })
})
