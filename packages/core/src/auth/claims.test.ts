import { anIssuer } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { areInForce, claimAt, claimBytes, claimTexts, meets } from './claims.ts'

const now = 1_000_000_000
const seconds = now / 1_000
const good = { iss: 'https://login.example', aud: 'books', exp: seconds + 60 }
const holds = (claims: Record<string, unknown>) => areInForce(claims, anIssuer(), now)

describe('claims in force', () => {
  it('belong to this issuer, character by character', () => {
    expect(holds(good)).toBe(true)
    for (const iss of [
      'https://login.example/',
      'HTTPS://login.example',
      '',
      undefined,
      ['https://login.example'],
    ]) {
      expect(holds({ ...good, iss })).toBe(false)
    }
  })

  it('are for one of our audiences, alone or in a list', () => {
    expect(holds({ ...good, aud: ['films', 'books'] })).toBe(true)
    for (const aud of ['films', 'Books', 'books ', undefined, [], ['films'], { books: true }, [['books']]]) {
      expect(holds({ ...good, aud })).toBe(false)
    }
  })

  it('end at exp, later by the leeway, and must end at all', () => {
    expect(holds({ ...good, exp: seconds - 29 })).toBe(true)
    expect(holds({ ...good, exp: seconds - 30 })).toBe(false)
    for (const exp of [undefined, null, String(seconds + 60), Number.NaN])
      expect(holds({ ...good, exp })).toBe(false)
  })

  it.each(['nbf', 'iat'])('begin at %s, earlier by the leeway', (name) => {
    expect(holds({ ...good, [name]: seconds + 30 })).toBe(true)
    expect(holds({ ...good, [name]: seconds + 31 })).toBe(false)
    expect(holds({ ...good, [name]: 'soon' })).toBe(false)
  })
})

describe('a claim', () => {
  it('is found by name, and further down by a pointer', () => {
    const claims = {
      'https://example.com/plan': 'gold',
      realm_access: { roles: ['beta'] },
      'a/b': { '~': 7 },
    }
    expect(claimAt(claims, 'https://example.com/plan')).toBe('gold')
    expect(claimAt(claims, '/realm_access/roles')).toEqual(['beta'])
    expect(claimAt(claims, '/a~1b/~0')).toBe(7)
    expect(claimAt(claims, '/realm_access/none/deeper')).toBeUndefined()
  })

  it('is never something that every object has', () => {
    for (const name of ['constructor', '__proto__', 'toString', '/constructor/name', '/__proto__']) {
      expect(claimAt({ sub: 'u1' }, name)).toBeUndefined()
    }
  })

  it('stands for somebody as text or as an integer in decimal', () => {
    expect(claimBytes({ sub: 'u1' }, 'sub')).toBe('u1')
    expect(claimBytes({ sub: 42 }, 'sub')).toBe('42')
    for (const sub of [4.2, true, null, ['u1'], { id: 1 }, 2 ** 60, undefined]) {
      expect(claimBytes({ sub }, 'sub')).toBeUndefined()
    }
  })

  it('has the values of its list; a scope is one', () => {
    expect(claimTexts({ scope: 'read  write' }, 'scope')).toEqual(['read', 'write'])
    expect(claimTexts({ roles: ['a', 7, true, { b: 1 }, ''] }, 'roles')).toEqual(['a', '7', 'true'])
    expect(claimTexts({ name: 'Jane Doe' }, 'name')).toEqual(['Jane Doe'])
  })
})

describe('required claims', () => {
  it('must all be there, with one of their values if they name any', () => {
    const required = [
      { claim: 'scope', values: ['read', 'admin'] },
      { claim: 'org', values: [] },
    ]
    expect(meets({ scope: 'read', org: 7 }, required)).toBe(true)
    expect(meets({ scope: 'write', org: 7 }, required)).toBe(false)
    expect(meets({ scope: 'read' }, required)).toBe(false)
    expect(meets({ scope: 'readonly', org: 7 }, required)).toBe(false)
  })

  it('never throw, whatever a token says', () => {
    fc.assert(
      fc.property(
        fc.dictionary(fc.string(), fc.jsonValue()),
        fc.string(),
        fc.string(),
        (claims, claim, value) => {
          expect(typeof meets(claims, [{ claim, values: [value] }])).toBe('boolean')
          expect(typeof areInForce(claims, anIssuer(), now)).toBe('boolean')
        },
      ),
    )
  })
})
