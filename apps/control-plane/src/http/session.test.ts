import { everywhere, type Role } from '@crossfade/contracts/roles'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { becomeAdministrator } from '../people/people-for-test.ts'
import {
  ask,
  openHttp,
  publicUrl,
  type Answer,
  type AskOptions,
  type HttpHouse,
  type Method,
} from './http-for-test.ts'

const email = 'ada@example.com'
const password = 'correct horse'
const fromUs = { origin: publicUrl }

let house: HttpHouse
beforeAll(async () => {
  house = await openHttp()
  await becomeAdministrator(house.people, email, password)
})
afterAll(() => house.close())

const signIn = (options: AskOptions = {}) =>
  ask(house, 'POST', 'session', { body: { email, password }, headers: fromUs, ...options })

async function joinAs(who: string, role: Role): Promise<{ id: string; version: number; cookie: string }> {
  const { body } = await house.ask('admin', 'POST', 'users', {
    body: { email: who, access: everywhere(role) },
  })
  const token = String(body['link']).split('#')[1]
  const join = { token, name: who, password: 'a fine long word' }
  const joined = await ask(house, 'POST', 'links/accept', { body: join, headers: fromUs })
  const { items } = (await house.ask('admin', 'GET', 'users')).body as {
    items: { id: string; version: number; email: string }[]
  }
  const user = items.find((one) => one.email === who)
  return { id: user?.id ?? '', version: user?.version ?? 0, cookie: cookieOf(joined) }
}

/** The last one counts: the plugin takes an id back before it gives another. */
const cookieOf = (answer: Answer) =>
  String([answer.headers['set-cookie']].flat().at(-1)).split(';', 1)[0] ?? ''
const askWith = (cookie: string, method: Method, url: string, options: AskOptions = {}) =>
  ask(house, method, url, { ...options, headers: { ...fromUs, cookie, ...options.headers } })

describe('signing in', () => {
  it('answers who I am and sets a cookie that scripts and other sites do not get', async () => {
    const answer = await signIn()
    expect(answer).toMatchObject({ status: 200, body: { kind: 'user', email, access: everywhere('admin') } })
    expect(answer.headers['set-cookie']).toMatch(
      /^crossfade_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; SameSite=Strict/,
    )
    expect(await askWith(cookieOf(answer), 'GET', 'session')).toMatchObject({ status: 200, body: { email } })
  })

  it('binds the cookie to this host and to TLS where the public address has it', async () => {
    const secure = await openHttp({ settings: { publicUrl: 'https://crossfade.example' } })
    await becomeAdministrator(secure.people, email, password)
    const answer = await ask(secure, 'POST', 'session', {
      body: { email, password },
      headers: { origin: 'https://crossfade.example' },
    })
    expect(answer.headers['set-cookie']).toMatch(
      /^__Host-crossfade_session=[\w-]{43}; Path=\/; Expires=[^;]+; HttpOnly; Secure; SameSite=Strict/,
    )
    expect(answer.headers['strict-transport-security']).toContain('max-age=')
    await secure.close()
  })

  it('says the same of a wrong password and of an unknown address', async () => {
    const wrong = await signIn({ body: { email, password: 'wrong' } })
    const unknown = await signIn({ body: { email: 'nobody@example.com', password } })
    expect([wrong.status, wrong.body['code']]).toEqual([401, 'wrong_credentials'])
    expect({ ...unknown.body, requestId: '' }).toEqual({ ...wrong.body, requestId: '' })
    expect(wrong.headers['set-cookie']).toBeUndefined()
  })

  it('is slowed down after ten failures', async () => {
    const guess = () => signIn({ body: { email: 'victim@example.com', password: 'guess' } })
    for (let i = 0; i < 10; i++) expect((await guess()).status).toBe(401)
    const answer = await guess()
    expect([answer.status, answer.body['code']]).toEqual([429, 'rate_limited'])
    expect(Number(answer.headers['retry-after'])).toBeGreaterThan(0)
    expect((await signIn()).status).toBe(200)
  })

  it('never takes over an id that was there before', async () => {
    const planted = `crossfade_session=${'p'.repeat(43)}`
    const answer = await signIn({ headers: { ...fromUs, cookie: planted } })
    expect(cookieOf(answer)).not.toBe(planted)
    expect((await askWith(planted, 'GET', 'session')).status).toBe(401)
    const again = await signIn({ headers: { ...fromUs, cookie: cookieOf(answer) } })
    expect(cookieOf(again)).not.toBe(cookieOf(answer))
    expect((await askWith(cookieOf(answer), 'GET', 'session')).status).toBe(401)
  })

  it('is refused to other sites', async () => {
    const answer = await signIn({ headers: { origin: 'https://evil.example' } })
    expect([answer.status, answer.body['code']]).toEqual([403, 'cross_site'])
  })
})

describe('a session', () => {
  it('has another id after a change of password, and no other one is left', async () => {
    const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())]
    const changed = await askWith(here, 'PUT', 'account/password', {
      body: { current: password, next: 'another good one' },
    })
    expect(changed.status).toBe(204)
    const fresh = cookieOf(changed)
    expect(fresh).not.toBe(here)
    const statusOf = async (cookie: string) => (await askWith(cookie, 'GET', 'session')).status
    expect([await statusOf(here), await statusOf(there), await statusOf(fresh)]).toEqual([401, 401, 200])
    await askWith(fresh, 'PUT', 'account/password', { body: { current: 'another good one', next: password } })
  })

  it('ends with the rights it was opened with: a new role asks for a new sign-in', async () => {
    const user = await joinAs('dana@example.com', 'editor')
    const change = await house.ask('admin', 'PUT', `users/${user.id}`, {
      body: { access: everywhere('viewer') },
      version: user.version,
    })
    expect(change.status).toBe(200)
    expect((await askWith(user.cookie, 'GET', 'session')).status).toBe(401)
  })

  it('outlives a new name', async () => {
    const user = await joinAs('erin@example.com', 'viewer')
    await house.ask('admin', 'PUT', `users/${user.id}`, { body: { name: 'Erin' }, version: user.version })
    expect((await askWith(user.cookie, 'GET', 'session')).body).toMatchObject({ name: 'Erin' })
  })

  it('ends after a day without use, and a week after sign-in whatever its use', async () => {
    const hours = (n: number) => n * 3_600_000
    const own = await openHttp()
    await becomeAdministrator(own.people, email, password)
    const enter = async () =>
      cookieOf(await ask(own, 'POST', 'session', { body: { email, password }, headers: fromUs }))
    const status = async (cookie: string) =>
      (await ask(own, 'GET', 'session', { headers: { ...fromUs, cookie } })).status
    const [idle, used] = [await enter(), await enter()]
    for (let day = 0; day < 7; day++) {
      expect([day, await status(used)]).toEqual([day, 200])
      own.clock.advance(hours(23.9))
    }
    expect(await status(idle)).toBe(401)
    expect(await status(used)).toBe(200)
    own.clock.advance(hours(1))
    expect(await status(used)).toBe(401)
    await own.close()
  })
})

describe('signing out', () => {
  it('ends the session for good and takes the cookie back', async () => {
    const cookie = cookieOf(await signIn())
    const answer = await askWith(cookie, 'DELETE', 'session')
    expect(answer.status).toBe(204)
    expect(answer.headers['set-cookie']).toMatch(/^crossfade_session=; .*Expires=Thu, 01 Jan 1970/)
    expect((await askWith(cookie, 'GET', 'session')).status).toBe(401)
  })

  it('works everywhere but here', async () => {
    const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())]
    const sessions = await askWith(here, 'GET', 'sessions')
    const items = sessions.body['items'] as { current: boolean; id: string }[]
    expect(items.filter((session) => session.current)).toHaveLength(1)
    expect((await askWith(here, 'DELETE', 'sessions')).status).toBe(204)
    expect((await askWith(there, 'GET', 'session')).status).toBe(401)
    expect((await askWith(here, 'GET', 'session')).status).toBe(200)
  })

  it('works for one other place', async () => {
    const [here, there] = [cookieOf(await signIn()), cookieOf(await signIn())]
    const items = (await askWith(there, 'GET', 'sessions')).body['items'] as {
      current: boolean
      id: string
    }[]
    const id = items.find((session) => session.current)?.id ?? ''
    expect((await askWith(here, 'DELETE', `sessions/${id}`)).status).toBe(204)
    expect((await askWith(there, 'GET', 'session')).status).toBe(401)
  })

  it('is nothing for a token', async () => {
    expect(await house.ask('admin', 'DELETE', 'session')).toMatchObject({
      status: 403,
      body: { code: 'forbidden' },
    })
  })
})

describe('a write that rests on a cookie', () => {
  const body = { name: 'from another site', access: everywhere('admin') }

  it.each([
    ['says nothing of where it comes from', {}],
    ['comes from another site', { origin: 'https://evil.example' }],
    ['comes from a sandboxed frame', { origin: 'null' }],
    ['is called cross-site by the browser', { 'sec-fetch-site': 'cross-site', origin: publicUrl }],
  ])('is refused when it %s', async (_name, headers) => {
    const cookie = cookieOf(await signIn())
    const answer = await ask(house, 'POST', 'tokens', { body, headers: { cookie, ...headers } })
    expect([answer.status, answer.body['code']]).toEqual([403, 'cross_site'])
    expect(JSON.stringify((await house.ask('admin', 'GET', 'tokens')).body)).not.toContain(
      'from another site',
    )
  })

  it('is accepted from our own page, and from the address of this machine it was sent to', async () => {
    const cookie = cookieOf(await signIn())
    for (const headers of [{ origin: publicUrl }, { origin: 'http://[::1]:4400', host: '[::1]:4400' }]) {
      const answer = await ask(house, 'POST', 'tokens', {
        body: { name: 'ours', access: everywhere('viewer') },
        headers: { cookie, ...headers },
      })
      expect(answer.status).toBe(201)
    }
  })

  it('is refused under a name that was made to point here', async () => {
    const cookie = cookieOf(await signIn())
    for (const method of ['GET', 'POST'] as const) {
      const headers = { cookie, origin: 'http://evil.example', host: 'evil.example' }
      const answer = await ask(house, method, 'mappings', { ...(method === 'POST' && { body }), headers })
      expect([answer.status, answer.body['code']]).toEqual([421, 'unknown_host'])
    }
    const program = { ...fromUs, host: 'control-plane:4400', authorization: `Bearer ${house.tokens.viewer}` }
    expect((await ask(house, 'GET', 'mappings', { headers: program })).status).toBe(200)
  })

  it('must be JSON, so that no form of another site can make one', async () => {
    const cookie = cookieOf(await signIn())
    for (const type of [
      'text/plain',
      'application/x-www-form-urlencoded',
      'multipart/form-data; boundary=x',
    ]) {
      const answer = await askWith(cookie, 'POST', 'tokens', {
        text: JSON.stringify(body),
        headers: { 'content-type': type },
      })
      expect([answer.status, answer.body['code']]).toEqual([415, 'unsupported_media_type'])
    }
  })
})

describe('one-time links', () => {
  it('bring a colleague in, once', async () => {
    const invited = await house.ask('admin', 'POST', 'users', {
      body: { email: 'Bob@Example.com', access: everywhere('operator') },
    })
    expect(invited.status).toBe(201)
    const token = String(invited.body['link']).split('#')[1]
    const info = await ask(house, 'POST', 'links/inspect', { body: { token } })
    expect(info.body).toMatchObject({
      purpose: 'invite',
      email: 'bob@example.com',
      access: everywhere('operator'),
    })
    const body = { token, name: 'Bob', password: 'open sesame' }
    const joined = await ask(house, 'POST', 'links/accept', { body, headers: fromUs })
    expect(joined).toMatchObject({ status: 200, body: { name: 'Bob', access: everywhere('operator') } })
    expect((await askWith(cookieOf(joined), 'GET', 'session')).body).toMatchObject({ name: 'Bob' })
    const again = await ask(house, 'POST', 'links/accept', { body, headers: fromUs })
    expect([again.status, again.body['code']]).toEqual([410, 'link_used'])
  })

  it('sign an administrator in, once', async () => {
    const { token } = await house.people.issueLink('sign-in')
    const first = await ask(house, 'POST', 'links/sign-in', { body: { token }, headers: fromUs })
    expect((await askWith(cookieOf(first), 'GET', 'session')).body).toMatchObject({ email })
    const again = await ask(house, 'POST', 'links/sign-in', { body: { token }, headers: fromUs })
    expect([again.status, again.body['code']]).toEqual([410, 'link_used'])
  })

  it('refuse a weak password by name and stay unused', async () => {
    const invited = await house.ask('admin', 'POST', 'users', {
      body: { email: 'c@example.com', access: everywhere('viewer') },
    })
    const token = String(invited.body['link']).split('#')[1]
    const answer = await ask(house, 'POST', 'links/accept', { body: { token, name: 'C', password: 'short' } })
    expect(answer).toMatchObject({
      status: 400,
      body: { code: 'invalid_input', errors: [{ path: 'password' }] },
    })
    expect((await ask(house, 'POST', 'links/inspect', { body: { token } })).status).toBe(200)
  })
})

describe('tokens', () => {
  it('are shown once, work, and are revoked', async () => {
    const created = await house.ask('admin', 'POST', 'tokens', {
      body: { name: 'deploy', access: everywhere('viewer') },
    })
    expect(created.status).toBe(201)
    const token = String(created.body['token'])
    expect(token).toMatch(/^cfp_/)
    expect((await house.ask('admin', 'GET', 'tokens')).text).not.toContain(token)
    const headers = { authorization: `Bearer ${token}` }
    expect((await ask(house, 'GET', 'session', { headers })).body).toMatchObject({
      kind: 'token',
      access: everywhere('viewer'),
    })
    expect((await house.ask('admin', 'DELETE', `tokens/${created.id}`)).status).toBe(204)
    expect((await ask(house, 'GET', 'session', { headers })).status).toBe(401)
  })

  it('of agents are shown once, and revoking one ends its links', async () => {
    const created = await house.ask('admin', 'POST', 'agent-tokens', { body: { name: 'edge' } })
    expect(created).toMatchObject({ status: 201, body: { environmentId: 'default' } })
    const token = String(created.body['token'])
    expect((await house.ask('admin', 'GET', 'agent-tokens')).text).not.toContain(token.split('_')[2] ?? '')
    expect((await house.ask('admin', 'DELETE', `agent-tokens/${created.id}`)).status).toBe(204)
    expect(house.droppedTokens).toEqual([created.id])
  })
})
