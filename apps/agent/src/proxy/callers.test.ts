import { createHash, createHmac } from 'node:crypto'
import { aMatch, anAuth, aRequirement, aSegment, aSplit } from '@crossfade/testkit/builders'
import { startIssuer } from '@crossfade/testkit/issuer'
import { rawClient } from '@crossfade/testkit/upstream-raw'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { bearer, now, openCallersRig, type CallersRig } from './callers-rig.ts'

let callers: CallersRig
beforeEach(async () => {
  callers = await openCallersRig()
})
afterEach(() => callers.close())

describe('JWT: a mapping that asks for a token', () => {
  it('lets a good one through, as it came, and answers the others 401 with a challenge', async () => {
    callers.use()
    const token = await callers.issuer.token(now)
    expect(await callers.statusOf(token)).toBe(200)
    expect(callers.legacy.received[0]?.header('authorization')).toBe(`Bearer ${token}`)

    const missing = await callers.ask()
    expect(missing.status).toBe(401)
    expect(missing.headers.get('www-authenticate')).toBe('Bearer realm="api"')
    expect(await missing.json()).toMatchObject({ code: 'credentials_required' })
    const wrong = await callers.ask(bearer('not.a.token'))
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('Bearer realm="api", error="invalid_token"')
    expect(callers.legacy.received).toHaveLength(1)
  })

  it('does not care how the algorithm was confused', async () => {
    callers.use()
    const good = await callers.issuer.token(now)
    const [, payload = ''] = good.split('.')
    const forged = (header: object, sign: (input: string) => string) => {
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      return `${input}.${sign(input)}`
    }
    const { kid } = callers.issuer.publicKey()
    const secret = JSON.stringify(callers.issuer.publicKey())
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
    for (const token of forgeries) expect(await callers.statusOf(token)).toBe(401)
    expect(callers.legacy.received).toHaveLength(0)
  })

  it('never takes a key that the token brings along', async () => {
    callers.use()
    const stranger = await startIssuer({ name: 'login' })
    const own = {
      jwk: stranger.publicKey(),
      jku: stranger.config.jwksUrl,
      x5u: stranger.config.jwksUrl,
      x5c: ['AA=='],
    }
    const { kid } = callers.issuer.publicKey()
    for (const header of [own, { ...own, kid: String(kid) }]) {
      expect(await callers.statusOf(await stranger.token(now, {}, header as object))).toBe(401)
    }
    expect(stranger.fetches()).toBe(0)
    await stranger.close()
  })

  it('knows no extensions, so a token that asks for one is refused', async () => {
    callers.use()
    for (const header of [{ b64: true }, { b64: true, crit: ['b64'] }, { crit: ['exp'], exp: 1 }]) {
      expect(await callers.statusOf(await callers.issuer.token(now, {}, header))).toBe(401)
    }
    expect(await callers.statusOf(await callers.issuer.token(now))).toBe(200)
  })

  it('is for us, from the right issuer, and in force by the clock of the agent', async () => {
    callers.use()
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
    for (const claims of refused)
      expect(await callers.statusOf(await callers.issuer.token(now, claims))).toBe(401)
    const accepted = [{ exp: seconds - 29 }, { nbf: seconds + 29 }, { aud: ['x', 'books'] }]
    for (const claims of accepted)
      expect(await callers.statusOf(await callers.issuer.token(now, claims))).toBe(200)
  })

  it('ends with its time, also when it was verified before', async () => {
    callers.use()
    const token = await callers.issuer.token(now, { exp: now / 1_000 + 60 })
    expect(await callers.statusOf(token)).toBe(200)
    callers.rig.clock.advance(89_000)
    expect(await callers.statusOf(token)).toBe(200)
    callers.rig.clock.advance(2_000)
    expect(await callers.statusOf(token)).toBe(401)
  })

  it('is refused above 8 KiB and when it comes twice', async () => {
    callers.use()
    expect(await callers.statusOf(await callers.issuer.token(now, { padding: 'x'.repeat(4_000) }))).toBe(200)
    expect(await callers.statusOf(await callers.issuer.token(now, { padding: 'x'.repeat(7_000) }))).toBe(401)
    const line = `Authorization: Bearer ${await callers.issuer.token(now)}\r\n`
    const client = await rawClient(callers.rig.port)
    client.send(`GET /v2/books HTTP/1.1\r\nHost: books\r\n${line}${line}Connection: close\r\n\r\n`)
    expect((await client.closed()).text).toMatch(/^HTTP\/1.1 401 /)
  })

  it('costs one signature, however often it comes', async () => {
    callers.use()
    const token = await callers.issuer.token(now)
    await Promise.all(Array.from({ length: 20 }, () => callers.statusOf(token)))
    for (let i = 0; i < 5; i++) expect(await callers.statusOf(token)).toBe(200)
    expect(callers.rig.callers.states()[0]).toMatchObject({ valid: 1, invalid: 0 })
    expect(callers.issuer.fetches()).toBe(1)
  })

  it('answers 403 to one who is known but lacks claims', async () => {
    callers.use({ check: aRequirement({ requiredClaims: [{ claim: 'scope', values: ['write'] }] }) })
    expect(await callers.statusOf(await callers.issuer.token(now, { scope: 'read write' }))).toBe(200)
    const answer = await callers.ask(bearer(await callers.issuer.token(now, { scope: 'read' })))
    expect(answer.status).toBe(403)
    expect(answer.headers.get('www-authenticate')).toBe('Bearer realm="api", error="insufficient_scope"')
    expect(await answer.json()).toMatchObject({ code: 'caller_forbidden' })
  })

  it('counts refusals by mapping, and charges no side with them', async () => {
    callers.use()
    await callers.ask()
    await callers.ask()
    await callers.ask(bearer('x.y.z'))
    expect(callers.rig.guards.counts()).toEqual([
      { mappingId: 'books', what: 'credentials_required', count: 2 },
      { mappingId: 'books', what: 'credentials_invalid', count: 1 },
    ])
    expect(
      callers.rig.outcomes.every(({ mappingId, failure }) => mappingId === null && failure === null),
    ).toBe(true)
  })

  it('may come in a cookie or another header, and may be kept from the service', async () => {
    const check = aRequirement({ forward: 'drop' })
    const inCookie = { ...callers.issuer.config, from: { kind: 'cookie', name: 'session' } } as const
    callers.use({ check, auth: { issuers: [inCookie] } })
    const token = await callers.issuer.token(now)
    expect((await callers.ask({ cookie: `a=1; session=${token}; b=2` })).status).toBe(200)
    expect(callers.legacy.received[0]?.header('cookie')).toBe('a=1; b=2')
    expect((await callers.ask(bearer(token))).status).toBe(401)

    const inHeader = { ...callers.issuer.config, from: { kind: 'header', name: 'x-id-token' } } as const
    callers.use({ check, auth: { issuers: [inHeader] } })
    expect((await callers.ask({ 'x-id-token': token, authorization: 'Basic abc' })).status).toBe(200)
    expect(callers.legacy.received[1]?.header('x-id-token')).toBeUndefined()
    expect(callers.legacy.received[1]?.header('authorization')).toBe('Basic abc')
  })

  it('lets preflights through only where the environment says so', async () => {
    const preflight = { origin: 'https://shop.example', 'access-control-request-method': 'PUT' }
    callers.use()
    expect((await callers.ask(preflight, '/v2/books', 'OPTIONS')).status).toBe(401)
    callers.use({ auth: { preflight: 'pass' } })
    expect((await callers.ask(preflight, '/v2/books', 'OPTIONS')).status).toBe(200)
    expect((await callers.ask({ origin: 'https://shop.example' }, '/v2/books', 'OPTIONS')).status).toBe(401)
    expect((await callers.ask(preflight)).status).toBe(401)
  })

  it('checks WebSocket handshakes too', async () => {
    callers.use()
    callers.legacy.onUpgrade((_request, socket) =>
      socket.end('HTTP/1.1 418 Seen\r\nContent-Length: 0\r\n\r\n'),
    )
    const { WebSocket } = await import('ws')
    const handshake = (headers: Record<string, string>) =>
      new Promise((resolve) => {
        const socket = new WebSocket(`${callers.rig.url.replace('http', 'ws')}/v2/books`, { headers })
        socket.on('unexpected-response', (_request, answer) => resolve(answer.statusCode))
        socket.on('error', () => {})
      })
    expect(await handshake({})).toBe(401)
    expect(await handshake(bearer(await callers.issuer.token(now)))).toBe(418)
  })

  it('guards unmapped traffic where the environment says so', async () => {
    callers.use({ check: 'none', auth: { unmapped: aRequirement() } })
    expect((await callers.ask({}, '/elsewhere')).status).toBe(401)
    expect((await callers.ask(bearer(await callers.issuer.token(now)), '/elsewhere')).status).toBe(200)
    expect((await callers.ask()).status).toBe(200)
  })

  it('has one path for each mapping: other spellings are refused', async () => {
    callers.use({ mapping: { match: aMatch({ kind: 'prefix', path: '/admin' }) } })
    for (const path of ['/admin/x', '/%61dmin/x', '//admin//x', '/admin'])
      expect((await callers.ask({}, path)).status).toBe(401)
    for (const path of ['/%2fadmin/x', '/admin%2fx', '/x%2f..%2fadmin', '/admin;v=1/x']) {
      expect((await callers.ask({}, path)).status).toBe(400)
    }
    expect(callers.legacy.received).toHaveLength(0)
  })
})

describe('JWT: a claim that says who asks', () => {
  const byClaim = { split: aSplit({ share: 5_000, identity: { kind: 'claim', name: 'sub' } }) } as const
  const sideOf = async (headers: Record<string, string>) => (await callers.ask(headers)).text()

  it('decides the side, text and number alike, and a token that fails counts as none', async () => {
    callers.use({ check: 'none', mapping: byClaim })
    const sides = new Set<string>()
    for (let sub = 0; sub < 20; sub++) {
      const asText = await sideOf(bearer(await callers.issuer.token(now, { sub: String(sub) })))
      expect(await sideOf(bearer(await callers.issuer.token(now, { sub })))).toBe(asText)
      sides.add(asText)
    }
    expect(sides).toEqual(new Set(['legacy', 'new']))
    expect(await sideOf({})).toBe('legacy')
    expect(await sideOf(bearer(await callers.issuer.token(now, { sub: 'u1', exp: 1 })))).toBe('legacy')
  })

  it('puts somebody into a segment, also by one of several values', async () => {
    const conditions = [
      { attribute: { kind: 'claim', name: '/realm/roles' }, operator: 'in', values: ['beta'] },
    ] as const
    callers.use({ check: 'none', mapping: { segments: ['staff'] }, segments: [aSegment({ conditions })] })
    expect(await sideOf(bearer(await callers.issuer.token(now, { realm: { roles: ['a', 'beta'] } })))).toBe(
      'new',
    )
    expect(await sideOf(bearer(await callers.issuer.token(now, { realm: { roles: ['a'] } })))).toBe('legacy')
    expect(await sideOf({})).toBe('legacy')
  })

  it('may allow a caller to force a side', async () => {
    const conditions = [
      { attribute: { kind: 'claim', name: 'staff' }, operator: 'in', values: ['true'] },
    ] as const
    callers.use({
      check: 'none',
      segments: [aSegment({ id: 'people', conditions })],
      environment: {
        auth: anAuth({ issuers: [callers.issuer.config] }),
        forcedSide: { header: 'x-side', cookie: null },
        callers: { keyDigests: [], segmentId: 'people' },
      },
    })
    const staff = bearer(await callers.issuer.token(now, { staff: true }))
    expect(await sideOf({ ...staff, 'x-side': 'new' })).toBe('new')
    expect(await sideOf({ ...bearer(await callers.issuer.token(now)), 'x-side': 'new' })).toBe('legacy')
    const debug = await callers.ask({ ...staff, 'x-crossfade-debug': '1' })
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
    callers.use({ check, auth: { apiKeys: [key('old'), key('new'), key('films', ['films'])] } })
    expect((await callers.ask({ 'x-api-key': 'cfk_old' })).status).toBe(200)
    expect((await callers.ask({ 'x-api-key': 'cfk_new' })).status).toBe(200)
    expect(callers.legacy.received[0]?.header('x-api-key')).toBeUndefined()
    expect((await callers.ask({ 'x-api-key': 'cfk_films' })).status).toBe(403)
    const wrong = await callers.ask({ 'x-api-key': 'cfk_ol' })
    expect(wrong.status).toBe(401)
    expect(wrong.headers.get('www-authenticate')).toBe('ApiKey realm="api"')
    expect((await callers.ask({ 'x-api-key': digest('cfk_old') })).status).toBe(401)
    callers.use({ check, auth: { apiKeys: [key('new')] } })
    expect((await callers.ask({ 'x-api-key': 'cfk_old' })).status).toBe(401)
  })

  it('are as good as a token where either will do', async () => {
    callers.use({
      check: aRequirement({ anyOf: ['jwt', 'api-key'] }),
      auth: { apiKeys: [key('shop')], apiKeyHeader: 'x-key' },
    })
    expect((await callers.ask({ 'x-key': 'cfk_shop' })).status).toBe(200)
    expect((await callers.ask(bearer(await callers.issuer.token(now)))).status).toBe(200)
    expect((await callers.ask({ 'x-key': 'cfk_shop', ...bearer('x.y.z') })).status).toBe(200)
    const nobody = await callers.ask()
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="api", ApiKey realm="api"')
  })
})
