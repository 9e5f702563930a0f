import { createHash, createHmac } from 'node:crypto'
import type { EnvironmentAuth, MappingCheck } from '@crossfade/core/auth/auth'
import type { Environment, Mapping, Segment } from '@crossfade/core/model'
import {
  aMapping,
  aMatch,
  anAuth,
  anEnvironment,
  aPolicy,
  aRequirement,
  aSegment,
  aSplit,
  aTarget,
} from '@crossfade/testkit/builders'
import { startIssuer, type TestIssuer } from '@crossfade/testkit/issuer'
import { startUpstream, type Upstream } from '@crossfade/testkit/upstream'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { aSnapshotBetween, startRig, type Rig } from './rig.ts'

const now = Date.UTC(2026, 0, 1)
let legacy: Upstream
let next: Upstream
let issuer: TestIssuer
let rig: Rig
beforeEach(async () => {
  ;[legacy, next, issuer, rig] = await Promise.all([
    startUpstream((_request, response) => void response.end('legacy')),
    startUpstream((_request, response) => void response.end('new')),
    startIssuer(),
    startRig(null),
  ])
})
afterEach(async () => {
  await rig.close()
  await Promise.all([legacy.close(), next.close(), issuer.close()])
})

interface Setup {
  readonly check?: MappingCheck
  readonly auth?: Partial<EnvironmentAuth>
  readonly mapping?: Partial<Mapping>
  readonly environment?: Partial<Environment>
  readonly segments?: readonly Segment[]
}

function use({
  check = aRequirement(),
  auth = {},
  mapping = {},
  environment = {},
  segments = [],
}: Setup = {}) {
  rig.install(
    aSnapshotBetween(legacy.url, next.url, {
      environment: anEnvironment({ auth: anAuth({ issuers: [issuer.config], ...auth }), ...environment }),
      mappings: [
        aMapping({
          split: aSplit({ share: 0 }),
          new: aTarget({ serviceId: 'new-books' }),
          ...mapping,
          policy: aPolicy({ auth: check }),
        }),
      ],
      segments,
    }),
  )
}

const ask = (headers: Record<string, string> = {}, path = '/v2/books', method = 'GET') =>
  fetch(`${rig.url}${path}`, { method, headers })
const bearer = (token: string) => ({ authorization: `Bearer ${token}` })
async function statusOf(token: string): Promise<number> {
  const answer = await ask(bearer(token))
  await answer.arrayBuffer()
  return answer.status
}

describe('JWT: a mapping that asks for a token', () => {
  it('lets a good one through, as it came, and answers the others 401 with a challenge', async () => {
    use()
    const token = await issuer.token(now)
    expect(await statusOf(token)).toBe(200)
    expect(legacy.received[0]?.header('authorization')).toBe(`Bearer ${token}`)

    const missing = await ask()
    expect(missing.status).toBe(401)
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect(await missing.json()).toMatchObject({ code: 'credentials_required' })
    const wrong = await ask(bearer('not.a.token'))
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"')
    expect(legacy.received).toHaveLength(1)
  })

  it('does not care how the algorithm was confused', async () => {
    use()
    const good = await issuer.token(now)
    const [, payload = ''] = good.split('.')
    const forged = (header: object, sign: (input: string) => string) => {
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      return `${input}.${sign(input)}`
    }
    const { kid } = issuer.publicKey()
    const secret = JSON.stringify(issuer.publicKey())
    const hmac = (input: string) => createHmac('sha256', secret).update(input).digest('base64url')
    const signature = good.split('.')[2] ?? ''
    const forgeries = [
      forged({ alg: 'none', kid }, () => ''),
      forged({ alg: 'none', kid }, () => 'AA'),
      forged({ alg: 'HS256', kid }, hmac),
      forged({ alg: 'RS256', kid }, () => signature),
      forged({ kid, alg: 'ES256' }, () => signature),
      forged({ alg: ['ES256'], kid }, () => signature),
      `${good}.`,
      good.slice(0, -4),
      `${good.slice(0, -4)}AAAA`,
    ]
    for (const token of forgeries) expect(await statusOf(token)).toBe(401)
    expect(legacy.received).toHaveLength(0)
  })

  it('never takes a key that the token brings along', async () => {
    use()
    const stranger = await startIssuer({ name: 'login' })
    const own = {
      jwk: stranger.publicKey(),
      jku: stranger.config.jwksUrl,
      x5u: stranger.config.jwksUrl,
      x5c: ['AA=='],
    }
    const { kid } = issuer.publicKey()
    for (const header of [own, { ...own, kid: String(kid) }]) {
      expect(await statusOf(await stranger.token(now, {}, header as object))).toBe(401)
    }
    expect(stranger.fetches()).toBe(0)
    await stranger.close()
  })

  it('knows no extensions, so a token that asks for one is refused', async () => {
    use()
    for (const header of [{ b64: true }, { b64: true, crit: ['b64'] }, { crit: ['exp'], exp: 1 }]) {
      expect(await statusOf(await issuer.token(now, {}, header))).toBe(401)
    }
    expect(await statusOf(await issuer.token(now))).toBe(200)
  })

  it('is for us, from the right issuer, and in force by the clock of the agent', async () => {
    use()
    const seconds = now / 1_000
    const refused = [
      { aud: 'films' },
      { iss: 'https://other.example' },
      { iss: undefined },
      { aud: undefined },
      { exp: undefined },
      { exp: seconds - 31 },
      { nbf: seconds + 31 },
      { iat: seconds + 31 },
    ]
    for (const claims of refused) expect(await statusOf(await issuer.token(now, claims))).toBe(401)
    const accepted = [{ exp: seconds - 29 }, { nbf: seconds + 29 }, { aud: ['x', 'books'] }]
    for (const claims of accepted) expect(await statusOf(await issuer.token(now, claims))).toBe(200)
  })

  it('ends with its time, also when it was verified before', async () => {
    use()
    const token = await issuer.token(now, { exp: now / 1_000 + 60 })
    expect(await statusOf(token)).toBe(200)
    rig.clock.advance(89_000)
    expect(await statusOf(token)).toBe(200)
    rig.clock.advance(2_000)
    expect(await statusOf(token)).toBe(401)
  })

  it('is refused above 8 KiB and when it comes twice', async () => {
    use()
    expect(await statusOf(await issuer.token(now, { padding: 'x'.repeat(4_000) }))).toBe(200)
    expect(await statusOf(await issuer.token(now, { padding: 'x'.repeat(7_000) }))).toBe(401)
    const line = `Authorization: Bearer ${await issuer.token(now)}\r\n`
    const client = await rawClient(rig.port)
    client.send(`GET /v2/books HTTP/1.1\r\nHost: books\r\n${line}${line}Connection: close\r\n\r\n`)
    expect((await client.closed()).text).toMatch(/^HTTP\/1.1 401 /)
  })

  it('costs one signature, however often it comes', async () => {
    use()
    const token = await issuer.token(now)
    await Promise.all(Array.from({ length: 20 }, () => statusOf(token)))
    for (let i = 0; i < 5; i++) expect(await statusOf(token)).toBe(200)
    expect(rig.callers.states()[0]).toMatchObject({ valid: 1, invalid: 0 })
    expect(issuer.fetches()).toBe(1)
  })

  it('answers 403 to one who is known but lacks claims', async () => {
    use({ check: aRequirement({ requiredClaims: [{ claim: 'scope', values: ['write'] }] }) })
    expect(await statusOf(await issuer.token(now, { scope: 'read write' }))).toBe(200)
    const answer = await ask(bearer(await issuer.token(now, { scope: 'read' })))
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api", error="insufficient_scope"')
    expect(await answer.json()).toMatchObject({ code: 'caller_forbidden' })
  })

  it('counts refusals by mapping, and charges no side with them', async () => {
    use()
    await ask()
    await ask()
    await ask(bearer('x.y.z'))
    expect(rig.guards.counts()).toEqual([
      { mappingId: 'books', what: 'credentials_required', count: 2 },
      { mappingId: 'books', what: 'credentials_invalid', count: 1 },
    ])
    expect(rig.outcomes.every(({ mappingId, failure }) => mappingId === null && failure === null)).toBe(true)
  })

  it('may come in a cookie or another header, and may be kept from the service', async () => {
    const check = aRequirement({ forward: 'drop' })
    const inCookie = { ...issuer.config, from: { kind: 'cookie', name: 'session' } } as const
    use({ check, auth: { issuers: [inCookie] } })
    const token = await issuer.token(now)
    expect((await ask({ cookie: `a=1; session=${token}; b=2` })).status).toBe(200)
    expect(legacy.received[0]?.header('cookie')).toBe('a=1; b=2')
    expect((await ask(bearer(token))).status).toBe(401)

    const inHeader = { ...issuer.config, from: { kind: 'header', name: 'x-id-token' } } as const
    use({ check, auth: { issuers: [inHeader] } })
    expect((await ask({ 'x-id-token': token, authorization: 'Basic abc' })).status).toBe(200)
    expect(legacy.received[1]?.header('x-id-token')).toBeUndefined()
    expect(legacy.received[1]?.header('authorization')).toBe('Basic abc')
  })

  it('lets preflights through only where the environment says so', async () => {
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' }
    use()
    expect((await ask(preflight, '/v2/books', 'OPTIONS')).status).toBe(401)
    use({ auth: { preflight: 'pass' } })
    expect((await ask(preflight, '/v2/books', 'OPTIONS')).status).toBe(200)
    expect((await ask({ origin: 'https://shop.example' }, '/v2/books', 'OPTIONS')).status).toBe(401)
    expect((await ask(preflight)).status).toBe(401)
  })

  it('checks WebSocket handshakes too', async () => {
    use()
    legacy.onUpgrade((_request, socket) => socket.end('HTTP/1.1 418 Seen\r\nContent-Length: 0\r\n\r\n'))
    const { WebSocket } = await import('ws')
    const handshake = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${rig.url.replace('http', 'ws')}/v2/books`, { headers })
        socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode))
        socket.on('error', () => {})
      })
    expect(await handshake({})).toBe(401)
    expect(await handshake(bearer(await issuer.token(now)))).toBe(418)
  })

  it('guards unmapped traffic where the environment says so', async () => {
    use({ check: 'none', auth: { unmapped: aRequirement() } })
    expect((await ask({}, '/elsewhere')).status).toBe(401)
    expect((await ask(bearer(await issuer.token(now)), '/elsewhere')).status).toBe(200)
    expect((await ask()).status).toBe(200)
  })

  it('has one path for each mapping: other spellings are refused', async () => {
    use({ mapping: { match: aMatch({ kind: 'prefix', path: '/admin' }) } })
    for (const path of ['/admin/x', '/%61dmin/x', '//admin//x', '/admin'])
      expect((await ask({}, path)).status).toBe(401)
    for (const path of ['/%2fadmin/x', '/admin%2fx', '/x%2f..%2fadmin', '/admin;v=1/x']) {
      expect((await ask({}, path)).status).toBe(400)
    }
    expect(legacy.received).toHaveLength(0)
  })
})

describe('JWT: the keys of an issuer', () => {
  it('are asked for once when a token names an unknown one, so that rotation fails nobody', async () => {
    use()
    expect(await statusOf(await issuer.token(now))).toBe(200)
    await issuer.rotate()
    const token = await issuer.token(now)
    expect(await Promise.all([statusOf(token), statusOf(token), statusOf(token)])).toEqual([200, 200, 200])
    expect(issuer.fetches()).toBe(2)
  })

  it('are not asked for again and again by tokens that name nonsense', async () => {
    use()
    expect(await statusOf(await issuer.token(now))).toBe(200)
    for (let i = 0; i < 30; i++)
      expect(await statusOf(await issuer.token(now, {}, { kid: `no-${i}` }))).toBe(401)
    expect(issuer.fetches()).toBe(4)
  })

  it('stay in use while the issuer is away, and are looked after in the background', async () => {
    use()
    const token = await issuer.token(now)
    expect(await statusOf(token)).toBe(200)
    for (const how of ['error', 'garbage', 'empty'] as const) {
      issuer.serve(how)
      const before = issuer.fetches()
      await rig.clock.advanceAsync(6 * 60_000)
      await expect.poll(() => issuer.fetches()).toBeGreaterThan(before)
      const later = await issuer.token(rig.clock.now())
      expect(await statusOf(later)).toBe(200)
      await expect.poll(() => rig.callers.warnings()[0]).toMatch(/the last ones stay in use/)
    }
  })

  it('that are withdrawn end what they had verified', async () => {
    use()
    const token = await issuer.token(now, { exp: now / 1_000 + 86_400 })
    expect(await statusOf(token)).toBe(200)
    await issuer.rotate({ keepOld: false })
    expect(await statusOf(await issuer.token(now))).toBe(200)
    expect(await statusOf(token)).toBe(401)
  })

  it('that could never be had make it 503 with Retry-After, and 200 as soon as they can', async () => {
    issuer.serve('error')
    use()
    const token = await issuer.token(now)
    const answer = await ask(bearer(token))
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    expect(await answer.json()).toMatchObject({ code: 'issuer_unavailable' })
    expect(await statusOf('x.y.z')).toBe(401)
    issuer.serve('keys')
    await rig.clock.advanceAsync(11_000)
    await expect.poll(() => statusOf(token)).toBe(200)
  })

  it('are never fetched from where the issuer points, nor without end', async () => {
    const elsewhere = await startIssuer()
    for (const how of [{ redirectTo: elsewhere.config.jwksUrl }, 'endless'] as const) {
      issuer.serve(how)
      use({ auth: { issuers: [{ ...issuer.config, leewaySeconds: how === 'endless' ? 1 : 2 }] } })
      expect(await statusOf(await issuer.token(now))).toBe(503)
    }
    expect(elsewhere.fetches()).toBe(0)
    await elsewhere.close()
  })

  it('are given five seconds', async () => {
    issuer.serve('silence')
    use()
    const answer = statusOf(await issuer.token(now))
    await expect.poll(() => issuer.fetches()).toBe(1)
    await rig.clock.advanceAsync(5_000)
    expect(await answer).toBe(503)
  })

  it('of several issuers do not mix', async () => {
    const partners = await startIssuer({ name: 'partners', algorithm: 'EdDSA' })
    use({ auth: { issuers: [issuer.config, partners.config] } })
    expect(await statusOf(await partners.token(now))).toBe(200)
    expect(await statusOf(await issuer.token(now))).toBe(200)
    expect(await statusOf(await partners.token(now, { iss: issuer.config.issuer }))).toBe(401)
    use({
      auth: { issuers: [issuer.config, partners.config] },
      check: aRequirement({ issuers: ['partners'] }),
    })
    expect(await statusOf(await partners.token(now))).toBe(200)
    expect(await statusOf(await issuer.token(now))).toBe(401)
    await partners.close()
  })
})

describe('JWT: a claim that says who asks', () => {
  const byClaim = { split: aSplit({ share: 5_000, identity: { kind: 'claim', name: 'sub' } }) } as const
  const sideOf = async (headers: Record<string, string>) => (await ask(headers)).text()

  it('decides the side, text and number alike, and a token that fails counts as none', async () => {
    use({ check: 'none', mapping: byClaim })
    const sides = new Set<string>()
    for (let sub = 0; sub < 20; sub++) {
      const asText = await sideOf(bearer(await issuer.token(now, { sub: String(sub) })))
      expect(await sideOf(bearer(await issuer.token(now, { sub })))).toBe(asText)
      sides.add(asText)
    }
    expect(sides).toEqual(new Set(['legacy', 'new']))
    expect(await sideOf({})).toBe('legacy')
    expect(await sideOf(bearer(await issuer.token(now, { sub: 'u1', exp: 1 })))).toBe('legacy')
  })

  it('puts somebody into a segment, also by one of several values', async () => {
    const conditions = [
      { attribute: { kind: 'claim', name: '/realm/roles' }, operator: 'in', values: ['beta'] },
    ] as const
    use({ check: 'none', mapping: { segments: ['staff'] }, segments: [aSegment({ conditions })] })
    expect(await sideOf(bearer(await issuer.token(now, { realm: { roles: ['a', 'beta'] } })))).toBe('new')
    expect(await sideOf(bearer(await issuer.token(now, { realm: { roles: ['a'] } })))).toBe('legacy')
    expect(await sideOf({})).toBe('legacy')
  })

  it('may allow a caller to force a side', async () => {
    const conditions = [
      { attribute: { kind: 'claim', name: 'staff' }, operator: 'in', values: ['true'] },
    ] as const
    use({
      check: 'none',
      segments: [aSegment({ id: 'people', conditions })],
      environment: {
        auth: anAuth({ issuers: [issuer.config] }),
        forcedSide: { header: 'x-side', cookie: null },
        callers: { keyDigests: [], segmentId: 'people' },
      },
    })
    const staff = bearer(await issuer.token(now, { staff: true }))
    expect(await sideOf({ ...staff, 'x-side': 'new' })).toBe('new')
    expect(await sideOf({ ...bearer(await issuer.token(now)), 'x-side': 'new' })).toBe('legacy')
    const debug = await ask({ ...staff, 'x-crossfade-debug': '1' })
    expect(debug.headers.get('x-crossfade-side')).toBe('legacy')
    expect([...debug.headers].join()).not.toContain(staff.authorization.slice(-20))
  })
})

describe('JWT: API keys beside tokens', () => {
  const digest = (key: string) => createHash('sha256').update(key).digest('hex')
  const key = (name: string, mappings: 'all' | readonly string[] = 'all') => ({
    id: name,
    name,
    digest: digest(`cfk_${name}`),
    mappings,
    createdAt: '2026-01-01T00:00:00Z',
  })

  it('open what they are for, several at a time, and nothing after they are gone', async () => {
    const check = aRequirement({ anyOf: ['api-key'], forward: 'drop' })
    use({ check, auth: { apiKeys: [key('old'), key('new'), key('films', ['films'])] } })
    expect((await ask({ 'x-api-key': 'cfk_old' })).status).toBe(200)
    expect((await ask({ 'x-api-key': 'cfk_new' })).status).toBe(200)
    expect(legacy.received[0]?.header('x-api-key')).toBeUndefined()
    expect((await ask({ 'x-api-key': 'cfk_films' })).status).toBe(403)
    const wrong = await ask({ 'x-api-key': 'cfk_ol' })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('ApiKey realm="api"')
    expect((await ask({ 'x-api-key': digest('cfk_old') })).status).toBe(401)
    use({ check, auth: { apiKeys: [key('new')] } })
    expect((await ask({ 'x-api-key': 'cfk_old' })).status).toBe(401)
  })

  it('are as good as a token where either will do', async () => {
    use({
      check: aRequirement({ anyOf: ['jwt', 'api-key'] }),
      auth: { apiKeys: [key('shop')], apiKeyHeader: 'x-key' },
    })
    expect((await ask({ 'x-key': 'cfk_shop' })).status).toBe(200)
    expect((await ask(bearer(await issuer.token(now)))).status).toBe(200)
    expect((await ask({ 'x-key': 'cfk_shop', ...bearer('x.y.z') })).status).toBe(200)
    const nobody = await ask()
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="api", ApiKey realm="api"')
  })
})
