import { everywhere } from '@crossfade/contracts/roles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { openHttp, type HttpHouse } from './http-for-test.ts'

let house: HttpHouse
let service: string
let mapping: string

beforeAll(async () => {
  house = await openHttp()
  const body = { name: 'books', instances: ['http://10.0.0.1:8080'] }
  service = (await house.ask('editor', 'POST', 'services', { body })).id
  mapping = await createMapping('books', '/books')
})
afterAll(() => house.close())

async function createMapping(name: string, path: string): Promise<string> {
  const body = {
    name,
    match: { path: { kind: 'exact', path } },
    legacy: { serviceId: service },
    new: { serviceId: service },
  }
  return (await house.ask('editor', 'POST', 'mappings', { body })).id
}
const share = (percent: number, version: number, headers: Record<string, string> = {}) =>
  house.ask('operator', 'PUT', `mappings/${mapping}/share`, { body: { percent }, version, headers })

describe('versions', () => {
  it('travel as ETag, and the share has its own', async () => {
    const created = await house.ask('editor', 'POST', 'services', {
      body: { name: 'authors', instances: ['http://10.0.0.2'] },
    })
    expect(created).toMatchObject({
      status: 201,
      headers: { etag: '"1"', location: `/api/v1/services/${created.id}` },
    })
    const body = { name: 'writers', instances: ['http://10.0.0.2'] }
    const updated = await house.ask('editor', 'PUT', `services/${created.id}`, { body, version: 1 })
    expect(updated).toMatchObject({ status: 200, headers: { etag: '"2"' }, body: { version: 2 } })
    const read = await house.ask('viewer', 'GET', `services/${created.id}`)
    expect(read).toMatchObject({ headers: { etag: '"2"' }, body: { name: 'writers' } })

    const raised = await share(12.5, 1)
    expect(raised).toMatchObject({
      status: 200,
      headers: { etag: '"2"' },
      body: { percent: 12.5, changed: true },
    })
    expect((await house.ask('viewer', 'GET', `mappings/${mapping}`)).headers['etag']).toBe('"1"')
  })

  it('that are stale say who changed what', async () => {
    const { body } = await house.ask('viewer', 'GET', `mappings/${mapping}`)
    const version = body['shareVersion'] as number
    await share(20, version)
    const late = await share(30, version)
    expect(late).toMatchObject({
      status: 409,
      body: { code: 'version_conflict', currentVersion: version + 1, by: 'a operator', to: { percent: 20 } },
    })
  })
})

describe('a roll back', () => {
  it('needs no version and no body, and is idempotent', async () => {
    await share(40, (await house.ask('viewer', 'GET', `mappings/${mapping}`)).body['shareVersion'] as number)
    const first = await house.ask('operator', 'POST', `mappings/${mapping}/rollback`)
    expect(first).toMatchObject({ status: 200, body: { percent: 0, percentBefore: 40, changed: true } })
    const again = await house.ask('operator', 'POST', `mappings/${mapping}/rollback`, {
      body: { reason: 'again' },
    })
    expect(again).toMatchObject({ status: 200, body: { percent: 0, changed: false } })
  })

  it('of an environment says what it did', async () => {
    const answer = await house.ask('operator', 'POST', 'environments/default/rollback', {
      body: { reason: 'fire' },
    })
    expect(answer).toMatchObject({ status: 200, body: { rolledBack: [], skipped: [] } })
  })
})

describe('an Idempotency-Key', () => {
  const key = (value: string) => ({ 'idempotency-key': value })
  const body = { name: 'once', instances: ['http://10.0.0.3'] }

  it('does a write once and gives its answer again', async () => {
    const first = await house.ask('editor', 'POST', 'services', { body, headers: key('k1') })
    const again = await house.ask('editor', 'POST', 'services', { body, headers: key('k1') })
    expect(first.status).toBe(201)
    expect(again).toMatchObject({ status: 201, body: first.body })
    expect(again.headers).toMatchObject({
      'idempotency-replayed': 'true',
      etag: first.headers['etag'],
      location: first.headers['location'],
    })
    const { body: list } = await house.ask('viewer', 'GET', 'services')
    expect((list['items'] as { name: string }[]).filter((one) => one.name === 'once')).toHaveLength(1)
  })

  it('used for another request is a conflict', async () => {
    await house.ask('editor', 'POST', 'services', { body: { ...body, name: 'a' }, headers: key('k2') })
    const other = await house.ask('editor', 'POST', 'services', {
      body: { ...body, name: 'b' },
      headers: key('k2'),
    })
    expect(other).toMatchObject({ status: 409, body: { code: 'idempotency_conflict' } })
  })

  it("is each caller's own", async () => {
    await house.ask('editor', 'POST', 'services', { body: { ...body, name: 'c' }, headers: key('k3') })
    const other = await house.ask('admin', 'POST', 'services', {
      body: { ...body, name: 'd' },
      headers: key('k3'),
    })
    expect(other.status).toBe(201)
  })

  it('of a refused write is free again', async () => {
    const taken = { ...body, name: 'books' }
    const refused = await house.ask('editor', 'POST', 'services', { body: taken, headers: key('k4') })
    expect(refused.body['code']).toBe('duplicate_name')
    const free = await house.ask('editor', 'POST', 'services', {
      body: { ...body, name: 'e' },
      headers: key('k4'),
    })
    expect(free.status).toBe(201)
  })

  it('lets one of many at once through', async () => {
    const many = await Promise.all(
      Array.from({ length: 5 }, () =>
        house.ask('editor', 'POST', 'services', { body: { ...body, name: 'f' }, headers: key('k5') }),
      ),
    )
    expect(new Set(many.map((answer) => answer.id).filter(Boolean)).size).toBe(1)
    expect(
      many.every((answer) => answer.status === 201 || answer.body['code'] === 'idempotency_conflict'),
    ).toBe(true)
  })

  it('never keeps a secret', async () => {
    const create = () =>
      house.ask('admin', 'POST', 'tokens', {
        body: { name: 't', access: everywhere('viewer') },
        headers: key('k6'),
      })
    const { body: created } = await create()
    const kept = await house.store.read((db) => db.idempotencyKey.findMany())
    expect(JSON.stringify(kept)).not.toContain(created['token'])
  })

  it('must be readable', async () => {
    const answer = await house.ask('editor', 'POST', 'services', { body, headers: key('x'.repeat(201)) })
    expect(answer).toMatchObject({ status: 400, body: { errors: [{ path: 'Idempotency-Key' }] } })
  })
})

describe('paging', () => {
  it('reads everything once, in parts', async () => {
    const seen: string[] = []
    let cursor: unknown = null
    do {
      const url: string = `services?limit=2${typeof cursor === 'string' ? `&cursor=${encodeURIComponent(cursor)}` : ''}`
      const { body } = await house.ask('viewer', 'GET', url)
      seen.push(...(body['items'] as { id: string }[]).map((one) => one.id))
      cursor = body['nextCursor']
    } while (cursor !== null)
    const { body } = await house.ask('viewer', 'GET', 'services')
    expect(seen).toEqual((body['items'] as { id: string }[]).map((one) => one.id))
    expect(seen.length).toBeGreaterThan(4)
  })
})

describe('the audit trail', () => {
  it('knows who, from where, and in which request', async () => {
    const headers = { 'x-request-id': 'my-own.id:7', 'x-crossfade-source': 'cli' }
    const answer = await house.ask('editor', 'POST', 'services', {
      body: { name: 'audited', instances: ['http://10.0.0.4'] },
      headers,
    })
    expect(answer.headers['x-request-id']).toBe('my-own.id:7')
    const { body } = await house.ask('viewer', 'GET', `changes?objectId=${answer.id}`)
    const [change] = body['items'] as { seq: number }[]
    expect(change).toMatchObject({
      actor: { kind: 'token', name: 'a editor' },
      act: 'service.create',
      source: 'cli',
      requestId: 'my-own.id:7',
      before: null,
      after: { name: 'audited' },
    })
    expect((await house.ask('viewer', 'GET', `changes/${change?.seq}`)).body).toEqual(change)
  })
})

describe('request ids', () => {
  it.each(['', 'with space', 'x'.repeat(101), 'a\u00e9'])(
    'that are not well formed (%j) are replaced',
    async (id) => {
      const answer = await house.ask(null, 'GET', '/healthz', { headers: { 'x-request-id': id } })
      expect(answer.headers['x-request-id']).toMatch(/^[0-9a-f-]{36}$/)
    },
  )
})

describe('explaining', () => {
  it('says where a request would go', async () => {
    const answer = await house.ask('viewer', 'POST', 'explain', { body: { url: '/books' } })
    expect(answer).toMatchObject({
      status: 200,
      body: { outcome: 'mapped', side: 'legacy', mapping: { name: 'books' } },
    })
  })

  it('previews a share and a mapping', async () => {
    const preview = await house.ask('viewer', 'POST', `mappings/${mapping}/share/preview`, {
      body: { percent: 50 },
    })
    expect(preview).toMatchObject({ status: 200, body: { isRaise: true } })
    const body = {
      name: 'books too',
      match: { path: { kind: 'prefix', path: '/books' } },
      legacy: { serviceId: service },
      new: { serviceId: service },
    }
    const overlap = await house.ask('viewer', 'POST', 'mappings/preview', { body })
    expect(overlap).toMatchObject({ status: 200, body: { overlaps: [{ name: 'books', winner: 'other' }] } })
  })
})

describe('groups', () => {
  it('own the share of their members', async () => {
    const group = await house.ask('editor', 'POST', 'groups', { body: { name: 'readers' } })
    expect(group.status).toBe(201)
    const body = {
      name: 'member',
      match: { path: { kind: 'exact', path: '/member' } },
      legacy: { serviceId: service },
      new: { serviceId: service },
      split: { kind: 'group', groupId: group.id },
    }
    const member = await house.ask('editor', 'POST', 'mappings', { body })
    expect(member.status).toBe(201)
    const refused = await house.ask('operator', 'PUT', `mappings/${member.id}/share`, {
      body: { percent: 5 },
      version: 1,
    })
    expect(refused).toMatchObject({ status: 409, body: { code: 'in_group', groupId: group.id } })
    const moved = await house.ask('operator', 'PUT', `groups/${group.id}/share`, {
      body: { percent: 5 },
      version: 1,
    })
    expect(moved).toMatchObject({ status: 200, body: { kind: 'group', mappingIds: [member.id] } })
    const back = await house.ask('operator', 'POST', `mappings/${member.id}/rollback`)
    expect(back).toMatchObject({ status: 200, body: { kind: 'group', id: group.id, percent: 0 } })
  })
})

describe('segments and cohorts', () => {
  it('are kept and listed', async () => {
    const condition = { attribute: { kind: 'header', name: 'x-team' }, operator: 'in', values: ['books'] }
    const body = { name: 'the team', side: 'new', conditions: [condition] }
    const segment = await house.ask('editor', 'POST', 'segments', { body })
    expect(segment).toMatchObject({ status: 201, body: { side: 'new', conditions: [condition] } })
    expect((await house.ask('editor', 'DELETE', `segments/${segment.id}`, { version: 1 })).status).toBe(204)
    const cohorts = await house.ask('viewer', 'GET', 'cohorts')
    const [cohort] = cohorts.body['items'] as { id: string }[]
    expect((await house.ask('viewer', 'GET', `cohorts/${cohort?.id}`)).body).toEqual(cohort)
  })
})
