import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { systemAuthor } from '../store/author.ts'
import { webhookBody } from './access-scene-for-test.ts'
import { openHttp, type Answer, type HttpHouse } from './http-for-test.ts'

let house: HttpHouse
beforeAll(async () => {
  house = await openHttp()
})
afterAll(() => house.close())

const post = (body: object) => house.ask('admin', 'POST', 'webhooks', { body })
const good = (name: string) => webhookBody('default', name)
const refusal = ({ status, body }: Answer) => {
  const errors = body['errors'] as { path: string }[] | undefined
  return [status, body['code'], ...(errors ?? []).map(({ path }) => path)]
}

describe('a webhook', () => {
  it.each([
    ['without a name', { name: '' }, [400, 'invalid_input', 'name']],
    ['of another kind', { kind: 'pager' }, [400, 'invalid_input', 'kind']],
    ['without events', { events: [] }, [400, 'invalid_input', 'events']],
    [
      'for an event that never happens',
      { events: ['share.changed', 'x'] },
      [400, 'invalid_input', 'events.1'],
    ],
    ['without an address', { url: '' }, [400, 'invalid_input', 'url']],
    ['of a scheme that is no web', { url: 'ftp://hooks.example.com' }, [422, 'invalid_address', 'url']],
    ['with a user in its address', { url: 'https://a:b@hooks.example.com' }, [422, 'invalid_address', 'url']],
    ['of a metadata service', { url: 'http://169.254.169.254/latest' }, [422, 'invalid_address', 'url']],
    ['of a metadata service, in disguise', { url: 'http://0xa9fea9fe/' }, [422, 'invalid_address', 'url']],
    ['of nowhere', { environmentId: 'nowhere' }, [422, 'invalid_reference', 'environmentId']],
    ['with a secret of its own', { secret: 'mine' }, [400, 'invalid_input', 'secret']],
  ])('%s is refused, and nothing is kept', async (_name, wrong, expected) => {
    const answer = await post({ ...good('refused'), ...wrong })
    expect(refusal(answer)).toEqual(expected)
    expect((await house.ask('admin', 'GET', 'webhooks')).text).not.toContain('refused')
  })

  it('is shown without address and secret but once, also when its creation is repeated', async () => {
    const url = 'https://hooks.example.com/T0P53CR3T'
    const headers = { 'idempotency-key': 'again' }
    const created = await house.ask('admin', 'POST', 'webhooks', { body: { ...good('once'), url }, headers })
    expect(created.body['secret']).toMatch(/^whsec_[A-Za-z0-9+/]{43}=$/)
    const again = await house.ask('admin', 'POST', 'webhooks', { body: { ...good('once'), url }, headers })
    expect(refusal(again)).toEqual([409, 'duplicate_name', 'name'])
    const read = await house.ask('admin', 'GET', `webhooks/${created.id}`)
    expect(read.body).toMatchObject({ address: 'https://hooks.example.com/…', version: 1 })
    const seen = [read.text, created.text, (await house.ask('viewer', 'GET', 'changes')).text].join('')
    expect(seen).not.toContain('T0P53CR3T')
    const kept = JSON.stringify(await house.store.prisma.idempotencyKey.findMany())
    expect(kept).not.toContain(String(created.body['secret']))
  })

  it('is changed only on the version that was seen, and its address stays when it is left out', async () => {
    const { id } = await post(good('versioned'))
    const body = { name: 'renamed', events: ['freeze.changed'], enabled: true }
    const put = (version?: number) =>
      house.ask('admin', 'PUT', `webhooks/${id}`, { body, ...(version !== undefined && { version }) })
    expect(refusal(await put())).toEqual([428, 'version_required'])
    expect((await put(1)).body).toMatchObject({
      name: 'renamed',
      address: 'http://127.0.0.1:9',
      version: 2,
    })
    expect(refusal(await put(1))).toEqual([409, 'version_conflict'])
    const rotated = await house.ask('admin', 'POST', `webhooks/${id}/rotate`, { body: {}, version: 2 })
    expect(rotated.body).toMatchObject({ version: 3, secrets: [{ expiresAt: null }, {}] })
    expect((await house.ask('admin', 'DELETE', `webhooks/${id}`, { version: 3 })).status).toBe(204)
    expect((await house.ask('admin', 'GET', `webhooks/${id}/deliveries`)).status).toBe(404)
  })

  it('of all environments is for administrators of all of them', async () => {
    const everywhere = await post({ ...good('everywhere'), environmentId: null })
    expect(everywhere.status).toBe(201)
    const access = { everywhere: null, environments: [{ environmentId: 'default', role: 'admin' as const }] }
    const here = { name: 'here', access, expiresAt: null }
    const { token } = await house.people.apiTokens.create(systemAuthor, here)
    const headers = { authorization: `Bearer ${token}` }
    const body = { ...good('too much'), environmentId: null }
    expect(refusal(await house.ask(null, 'POST', 'webhooks', { body, headers }))).toEqual([403, 'forbidden'])
    expect((await house.ask(null, 'GET', `webhooks/${everywhere.id}`, { headers })).status).toBe(404)
    const list = await house.ask(null, 'GET', 'webhooks', { headers })
    expect(list.status).toBe(200)
    expect(list.text).not.toContain(everywhere.id)
  })

  it('is tested and its messages are sent again by those who may', async () => {
    const { id } = await post(good('tested'))
    const tested = await house.ask('admin', 'POST', `webhooks/${id}/test`)
    expect(tested.body).toMatchObject({ status: 'dead', log: [{ status: null }] })
    const again = await house.ask('admin', 'POST', `deliveries/${tested.id}/redeliver`)
    expect(again.body).toMatchObject({ id: tested.id, status: 'pending' })
    const { body } = await house.ask('admin', 'GET', `webhooks/${id}/deliveries`)
    expect(body['items']).toMatchObject([{ id: tested.id, type: 'webhook.test' }])
    expect((await house.ask('editor', 'GET', `webhooks/${id}/deliveries`)).status).toBe(403)
  })
})
