import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { WebSocket } from 'ws'
import { z } from 'zod'
import { pageOf } from '@crossfade/contracts/api/common'
import { apiTokenViewSchema } from '@crossfade/contracts/api/people'
import { cookieOf, upgrade, type Asking } from './harness/asking.ts'
import { administrator, openPeopleHouse, type PeopleHouse } from './harness/people-house.ts'

let house: PeopleHouse
/** A session of the administrator; those that end are each a test's own. */
let own: string
beforeAll(async () => {
  house = await openPeopleHouse()
  own = await house.signIn()
})
afterAll(() => house.close())

const json = { 'content-type': 'application/json' }
const fromUs = () => ({ origin: house.url })
const outcome = async (method: string, path: string, asked: Asking) => {
  const { status, code } = await house.ask(method, `/api/v1/${path}`, asked)
  return `${status} ${code ?? ''}`.trim()
}
const tokenNames = async () => {
  const { items } = await house.api.call('GET', '/api/v1/tokens', pageOf(apiTokenViewSchema))
  return items.map(({ name }) => name)
}
const whoAmI = (cookie: string) => outcome('GET', 'session', { headers: { ...fromUs(), cookie } })

describe('opening the live feed with a session', () => {
  const knock = async (headers: Record<string, string>) =>
    outcome('GET', 'live', { headers: { ...upgrade, ...headers } })

  it('WEB-01: works from our own page', async () => {
    expect(await knock({ cookie: own, ...fromUs() })).toBe('101')
    expect(await knock({ cookie: own, 'sec-fetch-site': 'same-origin', ...fromUs() })).toBe('101')
  })

  it.each([
    ['another site', { origin: 'https://evil.example' }],
    ['a sandboxed frame', { origin: 'null' }],
    ['nobody says where', {}],
    ['a local file', { origin: 'file://' }],
    ['a neighbour on another port', { origin: 'https://127.0.0.1:1' }],
    ['our address without TLS', { origin: 'http://127.0.0.1' }],
    ['this machine under its other name', { origin: 'https://localhost' }],
    ['what the browser calls another site', { 'sec-fetch-site': 'cross-site' }],
    ['what the browser calls a neighbour', { 'sec-fetch-site': 'same-site' }],
    ['an address typed in', { 'sec-fetch-site': 'none' }],
    ['two origins', { origin: 'https://127.0.0.1, https://evil.example' }],
  ])('WEB-01: is refused before the upgrade from %s', async (_where, headers) => {
    expect(await knock({ cookie: own, ...headers })).toBe('403 cross_site')
  })

  it('WEB-01: is refused under a name that was made to point here', async () => {
    const rebound = { host: 'evil.example', origin: 'https://evil.example' }
    expect(await knock({ cookie: own, ...rebound })).toBe('421 unknown_host')
    expect(await knock({ cookie: own, ...rebound, 'sec-fetch-site': 'same-origin' })).toBe('421 unknown_host')
  })

  it('WEB-01: is the only upgrade there is for a person', async () => {
    const headers = { ...upgrade, ...fromUs(), cookie: own }
    for (const path of ['/api/v1/mappings', '/api/v1/session', '/', '/healthz', '/docs/', '/api/v1/live/']) {
      expect([path, (await house.ask('GET', path, { headers })).status]).toEqual([path, 404])
    }
    expect((await house.ask('GET', '/api/v1/link', { headers })).code).toBe('unauthenticated')
  })
})

describe('a write that another site makes a browser send', () => {
  const body = JSON.stringify({ name: 'forged', access: { everywhere: 'admin', environments: [] } })

  it.each([
    ['text', 'text/plain'],
    ['text that says it is JSON', 'text/plain; application/json'],
    ['a form', 'application/x-www-form-urlencoded'],
    ['a form with files', 'multipart/form-data; boundary=x'],
    ['nothing in particular', ''],
    ['JSON of another kind', 'application/csp-report'],
    ['almost JSON', 'application/json-patch+json'],
  ])('WEB-02: is refused as %s, even from our own page', async (_what, type) => {
    const headers = {
      ...fromUs(),
      cookie: own,
      ...(type !== '' && { 'content-type': type }),
    }
    expect(await outcome('POST', 'tokens', { headers, body })).toBe('415 unsupported_media_type')
    expect(await tokenNames()).toEqual([])
  })

  it.each([
    ['from another site', { origin: 'https://evil.example' }],
    ['from a sandboxed frame', { origin: 'null' }],
    ['from nowhere', {}],
    [
      'from a neighbour under the same name',
      { origin: 'https://127.0.0.1:1', 'sec-fetch-site': 'same-site' },
    ],
    ['from a name below ours', { origin: 'https://sub.127.0.0.1.nip.example' }],
    ['with only a referrer', { referer: 'https://127.0.0.1/' }],
  ])('WEB-02: is refused as JSON %s', async (_where, headers) => {
    const asked = { headers: { ...json, ...headers, cookie: own }, body }
    expect(await outcome('POST', 'tokens', asked)).toBe('403 cross_site')
    expect(await outcome('DELETE', 'sessions', { headers: asked.headers })).toBe('403 cross_site')
    expect(await tokenNames()).toEqual([])
  })

  it('WEB-02: is not hidden in a harmless method', async () => {
    const tricks = {
      cookie: own,
      ...json,
      'x-http-method-override': 'POST',
      'x-http-method': 'POST',
      'x-method-override': 'POST',
    }
    await house.ask('GET', '/api/v1/tokens?_method=POST', { headers: tricks, body })
    await house.ask('HEAD', '/api/v1/tokens', { headers: tricks })
    for (const method of ['OPTIONS', 'TRACE', 'PATCH', 'PROPFIND', 'QUERY']) {
      const { status, headers } = await house.ask(method, '/api/v1/tokens', { headers: tricks })
      expect([method, status >= 400]).toEqual([method, true])
      expect(headers).not.toHaveProperty('access-control-allow-origin')
    }
    expect(await tokenNames()).toEqual([])
  })

  it('WEB-02: is not allowed by any answer to a preflight', async () => {
    const preflight = {
      origin: 'https://evil.example',
      'access-control-request-method': 'PUT',
      'access-control-request-headers': 'content-type,if-match',
    }
    for (const path of ['/api/v1/tokens', '/api/v1/session', '/', '/metrics', '/docs/']) {
      const { headers } = await house.ask('OPTIONS', path, { headers: preflight })
      expect(Object.keys(headers).filter((name) => name.startsWith('access-control-'))).toEqual([])
    }
  })

  it('WEB-02: cannot sign a browser in as somebody else', async () => {
    const asked = {
      headers: { ...json, origin: 'https://evil.example' },
      body: JSON.stringify(administrator),
    }
    expect(await outcome('POST', 'session', asked)).toBe('403 cross_site')
  })

  it('WEB-02: goes through from our own page', async () => {
    const headers = { ...json, ...fromUs(), cookie: own }
    const asked = {
      headers,
      body: JSON.stringify({ name: 'ours', access: { everywhere: 'viewer', environments: [] } }),
    }
    expect(await outcome('POST', 'tokens', asked)).toBe('201')
    expect(await tokenNames()).toEqual(['ours'])
  })
})

describe('a session', () => {
  const signIn = (cookie?: string) =>
    house.ask('POST', '/api/v1/session', {
      headers: { ...json, ...fromUs(), ...(cookie !== undefined && { cookie }) },
      body: JSON.stringify(administrator),
    })

  it('SES-01: is a cookie that is bound to this host and TLS, and hidden from scripts and other sites', async () => {
    const [cookie = '', ...more] = (await signIn()).headers['set-cookie'] ?? []
    expect(more).toEqual([])
    const [pair, ...attributes] = cookie.split('; ')
    expect(pair).toMatch(/^__Host-crossfade_session=[\w-]{43}$/)
    expect(attributes.filter((one) => !one.startsWith('Expires=')).toSorted()).toEqual([
      'HttpOnly',
      'Path=/',
      'SameSite=Strict',
      'Secure',
    ])
  })

  it('SES-01: has a new id after signing in, whatever id was there before', async () => {
    const planted = `__Host-crossfade_session=${'p'.repeat(43)}`
    const first = cookieOf(await signIn(planted))
    expect(first).not.toBe(planted)
    expect(await whoAmI(planted)).toBe('401 unauthenticated')
    const second = cookieOf(await signIn(first))
    expect(second).not.toBe(first)
    expect([await whoAmI(first), await whoAmI(second)]).toEqual(['401 unauthenticated', '200'])
  })

  it('SES-01: has a new id after a change of password, and the others are over', async () => {
    await house.join('paul@example.test', 'editor')
    const [here, there] = [await house.signIn('paul@example.test'), await house.signIn('paul@example.test')]
    const changed = await house.ask('PUT', '/api/v1/account/password', {
      headers: { ...json, ...fromUs(), cookie: here },
      body: JSON.stringify({ current: administrator.password, next: 'quite another sentence' }),
    })
    const fresh = cookieOf(changed)
    expect(fresh).not.toBe(here)
    expect([await whoAmI(here), await whoAmI(there)]).toEqual(['401 unauthenticated', '401 unauthenticated'])
    expect(await whoAmI(fresh)).toBe('200')
  })

  it('SES-01: is over with a change of rights, and its open feed with it', async () => {
    const user = await house.join('rita@example.test', 'viewer')
    const cookie = await house.signIn('rita@example.test')
    const feed = new WebSocket(`${house.url.replace('https', 'wss')}/api/v1/live`, {
      headers: { cookie, ...fromUs() },
      rejectUnauthorized: false,
    })
    await new Promise((resolve, reject) => feed.on('open', resolve).on('error', reject))
    const ended = new Promise<number>((resolve) => feed.on('close', resolve))
    const body = { access: { everywhere: 'operator', environments: [] } }
    await house.api.call('PUT', `/api/v1/users/${user.id}`, z.unknown(), { ifMatch: user.version, body })
    expect(await ended).toBe(1008)
    expect(await whoAmI(cookie)).toBe('401 unauthenticated')
    expect(await whoAmI(await house.signIn('rita@example.test'))).toBe('200')
  })

  it('SES-01: is over everywhere else when its owner says so', async () => {
    const [here, there] = [await house.signIn(), await house.signIn()]
    expect(await outcome('DELETE', 'sessions', { headers: { ...fromUs(), cookie: here } })).toBe('204')
    expect([await whoAmI(here), await whoAmI(there)]).toEqual(['200', '401 unauthenticated'])
  })

  it('SES-01: is given to one of many who hold the same one-time link at the same moment', async () => {
    const link = await house.api.call('POST', '/api/v1/local/link', z.object({ link: z.string() }), {
      body: {},
    })
    const body = JSON.stringify({ token: link.link.split('#')[1] })
    const attempts = Array.from({ length: 8 }, () =>
      outcome('POST', 'links/sign-in', { headers: { ...json, ...fromUs() }, body }),
    )
    const outcomes = (await Promise.all(attempts)).toSorted()
    expect(outcomes).toEqual(['200', ...Array.from({ length: 7 }, () => '410 link_used')])
  })

  it('SES-01: is not guessed: the eleventh failure waits, and the owner elsewhere does not', async () => {
    const guess = () =>
      house.ask('POST', '/api/v1/session', {
        headers: { ...json, ...fromUs() },
        body: JSON.stringify({ email: 'guessed@example.test', password: 'a guess' }),
      })
    for (let i = 0; i < 10; i++) expect((await guess()).status).toBe(401)
    const refused = await guess()
    expect([refused.status, refused.code]).toEqual([429, 'rate_limited'])
    expect(Number(refused.headers['retry-after'])).toBeGreaterThan(0)
    expect(await whoAmI(await house.signIn())).toBe('200')
  })
})
