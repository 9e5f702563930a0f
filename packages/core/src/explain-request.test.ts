import {
  aMapping,
  aMatch,
  anEnvironment,
  aRewrite,
  aSnapshot,
  aSplit,
  aTarget,
} from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { explainRequest, type DescribedRequest } from './explain-request.ts'
import type { Environment, Mapping } from './model.ts'
import { compileSnapshot } from './routing-table.ts'

function explained(
  request: Partial<DescribedRequest>,
  mapping: Partial<Mapping> = {},
  environment: Partial<Environment> = {},
) {
  const snapshot = aSnapshot({ mappings: [aMapping(mapping)], environment: anEnvironment(environment) })
  const described = {
    method: 'GET',
    url: '/v2/books',
    headers: {},
    clientIp: '192.0.2.1',
    entropy: 0,
    claims: null,
    ...request,
  }
  return explainRequest(compileSnapshot(snapshot), described, (key) =>
    (key === 'secret' ? 'a' : 'b').repeat(64),
  )
}

const author: Partial<Mapping> = {
  match: aMatch({ kind: 'template', template: '/v2/author/:id' }, { host: 'api.books.example' }),
  new: aTarget({
    serviceId: 'new-books',
    rewrite: aRewrite({ path: { kind: 'template', template: '/v3/authors/:id' } }),
  }),
  split: aSplit({ share: 10_000 }),
}

describe('explaining a request', () => {
  it('says what would be sent where', () => {
    const answer = explained(
      { method: 'PUT', url: 'https://API.books.example:8443/v2/author/a%2fb?x=1#top' },
      author,
    )
    expect(answer).toMatchObject({
      outcome: 'mapped',
      mapping: { id: 'books', name: 'books' },
      side: 'new',
      service: { id: 'new-books', name: 'new-books' },
      forwarded: 'PUT /v3/authors/a%2fb?x=1',
      because: 'The share is 100 %, so new.',
      candidates: [{ id: 'books', name: 'books', lostBy: null }],
    })
  })

  it('takes the host of a bare path from the headers', () => {
    expect(explained({ url: '/v2/author/7', headers: { Host: 'api.books.example' } }, author).outcome).toBe(
      'mapped',
    )
    expect(explained({ url: '/v2/author/7' }, author).outcome).toBe('default')
  })

  it('reads text as the bytes a client would send', () => {
    const match = aMatch('/caf\u00e9/\u65e5')
    expect(explained({ url: '/caf\u00e9/\u65e5' }, { match })).toMatchObject({ outcome: 'mapped' })
    expect(explained({ url: '/caf%C3%A9/%E6%97%A5' }, { match })).toMatchObject({ outcome: 'mapped' })
  })

  it('digests the key of a caller', () => {
    const forcing = {
      forcedSide: { header: 'x-side', cookie: null },
      callers: { keyDigests: ['a'.repeat(64)], segmentId: null },
    }
    const side = (key: string) =>
      explained({ headers: { 'X-Side': 'new', 'X-Crossfade-Key': key } }, {}, forcing).side
    expect([side('secret'), side('guess')]).toEqual(['new', 'legacy'])
  })

  it('refuses what an agent would refuse, with the reason', () => {
    expect(explained({ url: '/v2/../books' })).toMatchObject({
      outcome: 'refused',
      because: 'The path can be read two ways (dot-segment), so the answer is 400.',
    })
    const trap: Partial<Mapping> = {
      match: aMatch({ kind: 'regex', pattern: '^/f/([^a-z]+)', position: 0 }),
      legacy: aTarget({ rewrite: aRewrite({ path: { kind: 'template', template: '/x/:1/y' } }) }),
    }
    expect(explained({ url: '/f/..a' }, trap)).toMatchObject({
      outcome: 'refused',
      because: 'The rewritten path could be read two ways, so the answer is 400.',
    })
  })

  it('lets ambiguous paths pass to no mapping where the environment does', () => {
    const root: Partial<Mapping> = { match: aMatch({ kind: 'prefix', path: '/' }) }
    const paths = { encodedSlash: 'keep', ambiguous: 'pass-unmapped' } as const
    expect(explained({ url: '/v2/../books' }, root, { paths })).toMatchObject({
      outcome: 'default',
      forwarded: 'GET /v2/../books',
    })
    expect(explained({ url: '/v2/../books' }, root, { paths, defaults: [] })).toMatchObject({
      outcome: 'no-default-service',
    })
  })
})
