import { everywhere } from '@crossfade/contracts/roles'
import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest'
import { sha256Hex } from '@crossfade/runtime/seal'
import type { Ended } from './principal.ts'
import { aPerson, becomeAdministrator, codeOf, openPeople, type PeopleHouse } from './people-for-test.ts'

let house: PeopleHouse
beforeAll(async () => {
  house = await openPeople()
})
afterAll(() => house.store.close())
beforeEach(async () => {
  await house.store.transaction(async (db) => {
    await db.user.deleteMany({})
    await db.oneTimeLink.deleteMany({})
  })
})

const changes = (act: string) =>
  house.store.read((db) => db.change.findMany({ where: { act }, orderBy: { seq: 'desc' } }))
const tokenOf = (link: string) => link.slice(link.indexOf('#') + 1)

describe('the first administrator', () => {
  it('comes in through a link, once', async () => {
    const { people } = house
    const { token, url } = await people.issueLink('first-administrator')
    expect(url).toBe(`http://127.0.0.1:4400/link#${token}`)
    expect(await people.links.info(token)).toMatchObject({
      purpose: 'first-administrator',
      access: everywhere('admin'),
    })
    const input = { token, email: 'ada@example.com', name: 'Ada', password: 'correct horse' }
    expect(await people.links.accept(input, null)).toMatchObject({ access: everywhere('admin'), name: 'Ada' })
    expect(await codeOf(people.links.accept({ ...input, email: 'eve@example.com' }, null))).toBe('link_used')
    expect(await codeOf(people.issueLink('first-administrator'))).toBe('link_used')
  })

  it('is one person even when the link is opened by many at once', async () => {
    const { people } = house
    const { token } = await people.issueLink('first-administrator')
    const codes = await Promise.all(
      Array.from({ length: 5 }, (_, i) =>
        codeOf(
          people.links.accept(
            { token, email: `p${i}@example.com`, name: 'P', password: 'x'.repeat(10) },
            null,
          ),
        ),
      ),
    )
    expect(codes.toSorted()).toEqual(['accepted', 'link_used', 'link_used', 'link_used', 'link_used'])
    expect((await people.users.list({ limit: 10 })).items).toHaveLength(1)
  })

  it('has only the newest link that was printed', async () => {
    const { people } = house
    const older = await people.issueLink('first-administrator')
    await people.issueLink('first-administrator')
    expect(await codeOf(people.links.info(older.token))).toBe('link_used')
  })

  it('must say an e-mail address', async () => {
    const { token } = await house.people.issueLink('first-administrator')
    const input = { token, name: 'Ada', password: 'correct horse' }
    await expect(house.people.links.accept(input, null)).rejects.toMatchObject({
      code: 'invalid_input',
      errors: [{ path: 'email' }],
    })
    expect(await codeOf(house.people.links.info(token))).toBe('accepted')
  })
})

describe('one-time links', () => {
  it('expire', async () => {
    const { people, clock } = house
    const { token } = await people.issueLink('first-administrator')
    clock.advance(24 * 3_600_000 + 1)
    expect(await codeOf(people.links.info(token))).toBe('link_used')
  })

  it('are kept as hashes only', async () => {
    const { token } = await house.people.issueLink('first-administrator')
    const rows = await house.store.read((db) => db.oneTimeLink.findMany())
    expect(rows.map((row) => row.tokenHash)).toContain(sha256Hex(token))
    expect(JSON.stringify(rows)).not.toContain(token)
    const trail = await house.store.read((db) => db.change.findMany())
    expect(JSON.stringify(trail, (_k, v: unknown) => (typeof v === 'bigint' ? String(v) : v))).not.toContain(
      token,
    )
  })

  it('sign an administrator in, once, and only an administrator', async () => {
    const { people } = house
    await becomeAdministrator(people)
    const { token } = await people.issueLink('sign-in')
    expect(await people.links.signIn(token, null)).toMatchObject({
      email: 'ada@example.com',
      access: everywhere('admin'),
    })
    expect(await codeOf(people.links.signIn(token, null))).toBe('link_used')
    expect(await codeOf(people.issueLink('sign-in', 'nobody@example.com'))).toBe('not_found')
  })

  it('are for their own purpose', async () => {
    const { people } = house
    await becomeAdministrator(people)
    const { token } = await people.issueLink('sign-in')
    const input = { token, name: 'Eve', password: 'another one!' }
    expect(await codeOf(people.links.accept(input, null))).toBe('not_found')
    expect(await codeOf(people.links.info('x'.repeat(43)))).toBe('not_found')
  })
})

describe('people', () => {
  it('are invited, choose a password and sign in with it', async () => {
    const { people } = house
    const { user, link } = await people.users.invite(aPerson, {
      email: 'bob@example.com',
      access: everywhere('operator'),
    })
    expect(user.state).toBe('invited')
    expect(await codeOf(people.users.signIn('bob@example.com', ''))).toBe('wrong_credentials')
    const accept = { token: tokenOf(link), name: 'Bob', password: 'open sesame' }
    expect(await people.links.accept(accept, null)).toMatchObject({
      email: 'bob@example.com',
      access: everywhere('operator'),
    })
    expect(await people.users.signIn('bob@example.com', 'open sesame')).toMatchObject({ name: 'Bob' })
    expect(await codeOf(people.users.signIn('bob@example.com', 'open sesamE'))).toBe('wrong_credentials')
    expect(await codeOf(people.users.signIn('nobody@example.com', 'open sesame'))).toBe('wrong_credentials')
  })

  it('have one account per address', async () => {
    const { people } = house
    const input = { email: 'bob@example.com', access: everywhere('viewer') }
    await people.users.invite(aPerson, input)
    expect(await codeOf(people.users.invite(aPerson, input))).toBe('duplicate_name')
  })

  it('are changed only by somebody who saw the newest version', async () => {
    const { people } = house
    const { user } = await people.users.invite(aPerson, {
      email: 'bob@example.com',
      access: everywhere('viewer'),
    })
    const second = await people.users.update(aPerson, user.id, 1, { access: everywhere('editor') })
    expect(second).toMatchObject({ access: everywhere('editor'), version: 2 })
    await expect(
      people.users.update(aPerson, user.id, 1, { access: everywhere('admin') }),
    ).rejects.toMatchObject({
      code: 'version_conflict',
      extra: {
        currentVersion: 2,
        by: 'Someone',
        from: { access: everywhere('viewer') },
        to: { access: everywhere('editor') },
      },
    })
    expect((await people.users.list({ limit: 5 })).items[0]).toMatchObject({ access: everywhere('editor') })
  })

  it('keep their last administrator, whichever way one tries to lose it', async () => {
    const { people } = house
    const { id } = await becomeAdministrator(people)
    const invited = await people.users.invite(aPerson, {
      email: 'b@example.com',
      access: everywhere('admin'),
    })
    for (const change of [{ access: everywhere('viewer') }, { disabled: true }]) {
      expect(await codeOf(people.users.update(aPerson, id, 1, change))).toBe('last_administrator')
    }
    expect(await codeOf(people.users.remove(aPerson, id, 1))).toBe('last_administrator')
    await people.links.accept({ token: tokenOf(invited.link), name: 'B', password: 'x'.repeat(10) }, null)
    expect(await codeOf(people.users.update(aPerson, id, 1, { access: everywhere('viewer') }))).toBe(
      'accepted',
    )
  })

  it('cannot remove each other at the same moment', async () => {
    const { people } = house
    const ada = await becomeAdministrator(people)
    const { link } = await people.users.invite(aPerson, {
      email: 'b@example.com',
      access: everywhere('admin'),
    })
    const bob = await people.links.accept({ token: tokenOf(link), name: 'B', password: 'x'.repeat(10) }, null)
    const codes = await Promise.all([
      codeOf(people.users.update(aPerson, ada.id, 1, { disabled: true })),
      codeOf(people.users.update(aPerson, bob.id, 2, { disabled: true })),
    ])
    expect(codes.toSorted()).toEqual(['accepted', 'last_administrator'])
  })

  it('leave an audit trail without secrets', async () => {
    const { people } = house
    await becomeAdministrator(people)
    const [join] = await changes('user.join')
    expect(join).toMatchObject({ objectName: 'ada@example.com', after: { access: everywhere('admin') } })
    expect(JSON.stringify(join?.after)).not.toContain('scrypt')
  })
})

describe('sessions', () => {
  it('last a week and are found by their secret alone', async () => {
    const { people, clock, store } = house
    const { id } = await becomeAdministrator(people)
    await people.sessions.save('the secret of a cookie', id, 'Firefox')
    expect((await people.sessions.find('the secret of a cookie'))?.principal.id).toBe(id)
    const [row] = await store.read((db) => db.session.findMany())
    expect(row?.id).toBe(sha256Hex('the secret of a cookie'))
    clock.advance(7 * 24 * 3_600_000)
    expect(await people.sessions.find('the secret of a cookie')).toBeNull()
  })

  it('end everywhere but here, and what rests on them hears of it', async () => {
    const { people } = house
    const { id } = await becomeAdministrator(people)
    await people.sessions.save('here', id, '')
    await people.sessions.save('there', id, '')
    const heard: Ended[] = []
    const stop = people.onEnded((ended) => heard.push(ended))
    await people.sessions.endAll(id, sha256Hex('here'))
    stop()
    expect(heard).toEqual([{ kind: 'session', id: sha256Hex('there') }])
    expect(await people.sessions.find('there')).toBeNull()
    expect(await people.sessions.find('here')).not.toBeNull()
  })

  it('end when the person is disabled', async () => {
    const { people } = house
    await becomeAdministrator(people)
    const { user, link } = await people.users.invite(aPerson, {
      email: 'b@example.com',
      access: everywhere('viewer'),
    })
    await people.links.accept({ token: tokenOf(link), name: 'B', password: 'x'.repeat(10) }, null)
    await people.sessions.save('bob', user.id, '')
    await people.users.update(aPerson, user.id, 2, { disabled: true })
    expect(await people.sessions.find('bob')).toBeNull()
    expect(await codeOf(people.users.signIn('b@example.com', 'x'.repeat(10)))).toBe('wrong_credentials')
  })

  it('of others cannot be ended', async () => {
    const { people } = house
    const { id } = await becomeAdministrator(people)
    await people.sessions.save('mine', id, '')
    expect(await codeOf(people.sessions.endOne('somebody else', sha256Hex('mine')))).toBe('not_found')
  })

  it('end with a password changed, but for the one it was changed in', async () => {
    const { people } = house
    const principal = await becomeAdministrator(people)
    await people.sessions.save('here', principal.id, '')
    await people.sessions.save('there', principal.id, '')
    const me = { ...principal, sessionId: sha256Hex('here') }
    const wrong = { current: 'not it', next: 'a longer password' }
    expect(await codeOf(people.users.changePassword(aPerson, me, wrong))).toBe('wrong_credentials')
    await people.users.changePassword(aPerson, me, { current: 'correct horse', next: 'a longer password' })
    expect(await people.sessions.find('there')).toBeNull()
    expect(await people.sessions.find('here')).not.toBeNull()
    expect(await codeOf(people.users.signIn('ada@example.com', 'a longer password'))).toBe('accepted')
  })
})

describe('API tokens', () => {
  it('are shown once, kept as a hash, and revoked', async () => {
    const { people, store } = house
    const input = { name: 'deploy', access: everywhere('editor'), expiresAt: null }
    const { token, id, prefix } = await people.apiTokens.create(aPerson, input)
    expect(token).toMatch(/^cfp_[\w-]{43}$/)
    expect(token.startsWith(prefix)).toBe(true)
    expect(JSON.stringify(await people.apiTokens.list({ limit: 100 }))).not.toContain(token)
    expect(JSON.stringify(await store.read((db) => db.apiToken.findMany()))).not.toContain(token)
    expect(await people.apiTokens.find(token)).toMatchObject({
      kind: 'token',
      name: 'deploy',
      access: everywhere('editor'),
    })
    const [seen] = (await people.apiTokens.list({ limit: 100 })).items.filter((one) => one.id === id)
    expect(seen?.lastUsedAt).not.toBeNull()
    await people.apiTokens.revoke(aPerson, id)
    expect(await people.apiTokens.find(token)).toBeNull()
    expect(await codeOf(people.apiTokens.revoke(aPerson, id))).toBe('not_found')
  })

  it('expire', async () => {
    const { people, clock } = house
    const expiresAt = new Date(clock.now() + 1000).toISOString()
    const { token } = await people.apiTokens.create(aPerson, {
      name: 'short',
      access: everywhere('viewer'),
      expiresAt,
    })
    expect(await people.apiTokens.find(token)).not.toBeNull()
    clock.advance(1000)
    expect(await people.apiTokens.find(token)).toBeNull()
  })
})
