import { isDeepStrictEqual } from 'node:util'
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import type { MappingInput } from '@crossfade/contracts/api/mappings'
import { openHttp, type Answer, type AskOptions, type HttpHouse, type Method } from './http-for-test.ts'

let house: HttpHouse
let legacy: string
let next: string
let mapping: { id: string; name: string }

const health = { intervalMs: 1_000, timeoutMs: 100, healthyAfter: 1, unhealthyAfter: 1 }
const serviceOf = (name: string, url: string) => ({ name, instances: [url] })
const pem = (label: string) => `-----BEGIN ${label}-----\nTUlJQmF6\n-----END ${label}-----\n`
const mappingOf = (name: string, path: string, changes: Partial<MappingInput> = {}): MappingInput => ({
  name,
  match: { path: { kind: 'template', template: path } },
  legacy: { serviceId: legacy },
  new: { serviceId: next },
  ...changes,
})

beforeAll(async () => {
  house = await openHttp()
  const services = [serviceOf('legacy', 'http://10.0.0.1:8080'), serviceOf('new', 'https://10.0.0.2')]
  ;[legacy = '', next = ''] = await Promise.all(
    services.map(async (body) => (await house.ask('editor', 'POST', 'services', { body })).id),
  )
  const created = await house.ask('editor', 'POST', 'mappings', { body: mappingOf('books', '/v2/books/:id') })
  mapping = { id: created.id, name: 'books' }
})
afterAll(() => house.close())

/** Everything a refused write could have changed, and the audit trail that would tell. */
const everything = async () => {
  const lists = ['environments', 'services', 'mappings', 'groups', 'segments', 'changes', 'users']
  const answers = await Promise.all(lists.map((list) => house.ask('admin', 'GET', list)))
  return answers.map((answer) => answer.body)
}
let before: unknown
beforeEach(async () => {
  before = await everything()
})
afterEach(async () => {
  if (!isDeepStrictEqual(await everything(), before)) throw new Error('A refused write changed something')
})

const put = (body: unknown, version = 1) =>
  house.ask('operator', 'PUT', `mappings/${mapping.id}/share`, { body, version })
const post = (path: string, body: unknown) => house.ask('editor', 'POST', path, { body })
/** Each field once, however much is wrong with it. */
const fields = (answer: Answer) => {
  const errors = answer.body['errors'] as { path: string }[] | undefined
  return errors && [...new Set(errors.map((error) => error.path))]
}
const refusal = (answer: Answer) => ({
  status: answer.status,
  code: answer.body['code'],
  fields: fields(answer),
})

describe('a share', () => {
  it.each([
    ['of 101 percent', 101],
    ['of -1 percent', -1],
    ['with three decimals', 12.345],
    ['written as text', '10'],
    ['that is no number', null],
  ])('%s is refused', async (_name, percent) => {
    expect(refusal(await put({ percent }))).toEqual({
      status: 400,
      code: 'invalid_input',
      fields: ['percent'],
    })
  })

  it('that is missing is named', async () => {
    expect(refusal(await put({}))).toEqual({ status: 400, code: 'invalid_input', fields: ['percent'] })
  })
})

describe('a mapping', () => {
  it('whose template has two wildcards is refused', async () => {
    expect(refusal(await post('mappings', mappingOf('twice', '/a/*b/*c')))).toEqual({
      status: 422,
      code: 'invalid_match',
      fields: ['match.path.template'],
    })
  })

  it.each(['/a(?=b)', '/a(?!b)', '(?<=a)/b', '(?<!a)/b'])(
    'with the look-around regex %s is refused',
    async (pattern) => {
      const body = mappingOf('regex', '/x', { match: { path: { kind: 'regex', pattern, position: 0 } } })
      expect(refusal(await post('mappings', body))).toEqual({
        status: 422,
        code: 'invalid_match',
        fields: ['match.path.pattern'],
      })
    },
  )

  it('whose rewrite names a parameter the match lacks is refused, naming it', async () => {
    const answer = await post(
      'mappings',
      mappingOf('rewritten', '/authors/:author', {
        new: { serviceId: next, rewrite: { path: { kind: 'template', template: '/v3/:writer' } } },
      }),
    )
    expect(refusal(answer)).toEqual({
      status: 422,
      code: 'invalid_rewrite',
      fields: ['new.rewrite.path.template'],
    })
    expect(answer.text).toContain('writer')
  })

  it('with the match of another is refused, naming that one', async () => {
    const answer = await post('mappings', mappingOf('copy', '/v2/books/:other'))
    expect(refusal(answer)).toEqual({ status: 409, code: 'duplicate_match', fields: ['match'] })
    expect(answer.text).toContain('books')
  })

  it('with the name of another is refused', async () => {
    const answer = await post('mappings', mappingOf('books', '/elsewhere'))
    expect(refusal(answer)).toEqual({ status: 409, code: 'duplicate_name', fields: ['name'] })
  })

  it('for services that do not exist is refused', async () => {
    const answer = await post('mappings', mappingOf('lost', '/lost', { legacy: { serviceId: 'nowhere' } }))
    expect(refusal(answer)).toEqual({ status: 422, code: 'invalid_reference', fields: ['legacy.serviceId'] })
  })

  it('of an environment that does not exist is refused', async () => {
    const answer = await post('mappings', { ...mappingOf('lost', '/lost'), environmentId: 'nowhere' })
    expect(refusal(answer)).toEqual({ status: 422, code: 'invalid_reference', fields: ['environmentId'] })
  })
})

describe('a service', () => {
  it.each([
    ['with credentials', 'http://user:secret@10.0.0.3'],
    ['with a path', 'http://10.0.0.3/api'],
    ['with a query', 'http://10.0.0.3?x=1'],
    ['that is a file', 'file:///etc/passwd'],
    ['of another protocol', 'ftp://10.0.0.3'],
    ['that is the metadata address', 'http://169.254.169.254'],
    ['that is no URL', 'ten dot zero'],
  ])('at an address %s is refused', async (_name, url) => {
    const answer = await post('services', serviceOf('odd', url))
    expect(refusal(answer)).toEqual({ status: 422, code: 'invalid_address', fields: ['instances.0'] })
    expect(answer.text).not.toContain('secret')
  })

  it.each([
    ['health.path', { health: { ...health, path: '/a b\r\nX: y' } }],
    ['health.path', { health: { ...health, path: '/caf\u00e9' } }],
    ['health.path', { health: { ...health, path: '/a#b' } }],
    ['tls.serverName', { tls: { verify: true, serverName: 'a b' } }],
    ['tls.serverName', { tls: { verify: true, serverName: '' } }],
    ['tls.ca', { tls: { verify: true, serverName: null, ca: 'a certificate' } }],
    ['tls.ca', { tls: { verify: true, serverName: null, ca: pem('PRIVATE KEY') } }],
    ['tls.ca', { tls: { verify: true, serverName: null, ca: pem('CERTIFICATE') + pem('RSA PRIVATE KEY') } }],
    ['tls.ca', { tls: { verify: true, serverName: null, ca: pem('CERTIFICATE') } }],
    ['tls.clientCertificate', { tls: { verify: true, serverName: null, clientCertificate: '../key' } }],
    ['tls.clientCertificate', { tls: { verify: true, serverName: null, clientCertificate: '' } }],
    ['tls.verify', { tls: { serverName: null } }],
  ])('with a %s that cannot be sent is refused', async (field, changes) => {
    const answer = await post('services', { ...serviceOf('odd', 'https://10.0.0.3'), ...changes })
    expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: [field] })
  })

  it('in use is not deleted, and the answer names the mappings', async () => {
    const answer = await house.ask('editor', 'DELETE', `services/${legacy}`, { version: 1 })
    expect(refusal(answer)).toMatchObject({ status: 409, code: 'in_use' })
    expect(answer.body['mappings']).toEqual([mapping])
  })
})

describe('a body', () => {
  it('of 10 MB is refused', async () => {
    const answer = await house.ask('editor', 'POST', 'services', { text: `"${'x'.repeat(10_000_000)}"` })
    expect(refusal(answer)).toMatchObject({ status: 413, code: 'body_too_large' })
  })

  it.each([
    ['broken JSON', '{"name": "a"'],
    ['no JSON', 'name=a'],
    ['a key that reaches for prototypes', '{"__proto__": {"admin": true}}'],
  ])('of %s is refused', async (_name, text) => {
    const answer = await house.ask('editor', 'POST', 'services', { text })
    expect(refusal(answer)).toMatchObject({ status: 400, code: 'invalid_json' })
  })

  it('that is not JSON by its type is refused', async () => {
    const headers = { 'content-type': 'application/xml' }
    const answer = await house.ask('editor', 'POST', 'services', { text: '<a/>', headers })
    expect(refusal(answer)).toMatchObject({ status: 415, code: 'unsupported_media_type' })
  })

  it('that is missing is refused', async () => {
    expect(refusal(await house.ask('editor', 'POST', 'services'))).toMatchObject({
      status: 400,
      code: 'invalid_input',
    })
  })

  it('with unknown fields is refused, each named, together with what else is wrong', async () => {
    const body = {
      ...mappingOf('odd', '/odd'),
      colour: 'green',
      match: { path: { kind: 'exact', path: 'no-slash' }, host: 'UPPER', verb: 'GET' },
    }
    const answer = await post('mappings', body)
    expect(answer.status).toBe(400)
    expect(fields(answer)?.toSorted()).toEqual(['colour', 'match.host', 'match.path.path', 'match.verb'])
  })

  it.each<[string, Method, string, AskOptions, string]>([
    ['a reason', 'POST', 'rollback', { body: { reason: 'a\u0000b' } }, 'reason'],
    ['a reason', 'PUT', 'share', { body: { percent: 5, reason: '\ud800' }, version: 1 }, 'reason'],
  ])(
    'with text that cannot be stored in %s of a mapping is refused',
    async (_, method, act, options, field) => {
      const answer = await house.ask('operator', method, `mappings/${mapping.id}/${act}`, options)
      expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: [field] })
    },
  )

  it('with text that cannot be stored, however deep, is refused', async () => {
    const rewrite = { query: { set: { 'a\u0000': 'x' }, drop: ['b\u0000'] } }
    const body = mappingOf('odd', '/odd', { description: '\u0000', new: { serviceId: next, rewrite } })
    expect(refusal(await post('mappings', body))).toEqual({
      status: 400,
      code: 'invalid_input',
      fields: ['description', 'new.rewrite.query.set', 'new.rewrite.query.drop.0'],
    })
  })

  it.each([
    ['mappings?cursor=%00', 'cursor'],
    ['changes?text=%00', 'text'],
    ['changes?from=0000-01-01T00:00:00Z', 'from'],
  ])('is refused in a query: %s', async (path, field) => {
    const answer = await house.ask('viewer', 'GET', path)
    expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: [field] })
  })

  it('with control characters in a name is refused', async () => {
    const answer = await post('services', serviceOf('a\u0000b', 'http://10.0.0.3'))
    expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: ['name'] })
  })
})

describe('If-Match', () => {
  const writes: [string, Method, () => string, () => AskOptions][] = [
    ['a share', 'PUT', () => `mappings/${mapping.id}/share`, () => ({ body: { percent: 5 } })],
    [
      'a mapping',
      'PUT',
      () => `mappings/${mapping.id}`,
      () => ({ body: mappingOf('books', '/v2/books/:id') }),
    ],
    ['deleting a mapping', 'DELETE', () => `mappings/${mapping.id}`, () => ({})],
    ['a service', 'PUT', () => `services/${next}`, () => ({ body: serviceOf('new', 'http://10.0.0.9') })],
    ['deleting a service', 'DELETE', () => `services/${next}`, () => ({})],
    ['an environment', 'PUT', () => 'environments/default', () => ({ body: { name: 'default' } })],
  ]

  it.each(writes)('is required for %s', async (_name, method, path, options) => {
    const answer = await house.ask('admin', method, path(), options())
    expect(refusal(answer)).toMatchObject({ status: 428, code: 'version_required' })
  })

  it.each(writes)('naming another version is refused for %s', async (_name, method, path, options) => {
    const answer = await house.ask('admin', method, path(), { ...options(), version: 7 })
    expect(refusal(answer)).toMatchObject({ status: 409, code: 'version_conflict' })
    expect(answer.body['currentVersion']).toBe(1)
  })

  it.each(['*', '1', '"one"', '"1", "2"'])('of %s is refused by name', async (value) => {
    const answer = await house.ask('admin', 'DELETE', `services/${next}`, { headers: { 'if-match': value } })
    expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: ['If-Match'] })
  })
})

describe('a query', () => {
  it.each([
    ['limit', 'mappings?limit=0'],
    ['limit', 'mappings?limit=many'],
    ['colour', 'mappings?colour=green'],
    ['source', 'changes?source=nobody'],
    ['from', 'changes?from=yesterday'],
    ['from', 'stats/series'],
    ['minutes', 'stats/overview?minutes=0'],
    ['seq', 'changes/first'],
    ['id', 'mappings/not%20an%20id'],
  ])('with a bad %s is refused by name: %s', async (field, url) => {
    const answer = await house.ask('admin', 'GET', url)
    expect(refusal(answer)).toEqual({ status: 400, code: 'invalid_input', fields: [field] })
  })
})
