import { describe, expect, it } from 'vitest'
import { createPasswords, defaultCost } from './password.ts'

const cheap = { ln: 4, r: 8, p: 1 }

describe('passwords', () => {
  it('match what was hashed and nothing else', async () => {
    const passwords = createPasswords(cheap)
    const stored = await passwords.hash('correct horse')
    expect(await passwords.matches('correct horse', stored)).toBe(true)
    expect(await passwords.matches('correct horsE', stored)).toBe(false)
    expect(await passwords.matches('', stored)).toBe(false)
  })

  it('say how they were hashed, with a salt of their own', async () => {
    const passwords = createPasswords(cheap)
    const [one, other] = await Promise.all([passwords.hash('the same'), passwords.hash('the same')])
    expect(one).toMatch(/^scrypt\$ln=4,r=8,p=1\$[\w-]{22}\$[\w-]{43}$/)
    expect(one).not.toBe(other)
  })

  it('hashed at another cost still match', async () => {
    const stored = await createPasswords(cheap).hash('correct horse')
    expect(await createPasswords({ ln: 5, r: 8, p: 1 }).matches('correct horse', stored)).toBe(true)
  })

  it('match however the letters were composed', async () => {
    const passwords = createPasswords(cheap)
    const stored = await passwords.hash('caf\u00e9 au lait')
    expect(await passwords.matches('cafe\u0301 au lait', stored)).toBe(true)
  })

  it('never match an account without one, or a stored value that is none', async () => {
    const passwords = createPasswords(cheap)
    expect(await passwords.matches('anything', null)).toBe(false)
    expect(await passwords.matches('', 'scrypt$nonsense')).toBe(false)
  })

  it('are refused when too many wait to be hashed', async () => {
    const passwords = createPasswords(cheap)
    const many = await Promise.allSettled(Array.from({ length: 50 }, () => passwords.hash('a password')))
    const refused = many.filter((one) => one.status === 'rejected')
    expect(refused).toHaveLength(50 - 32)
    expect(refused[0]?.reason).toMatchObject({ code: 'rate_limited' })
    await expect(passwords.hash('afterwards')).resolves.toContain('scrypt$')
  })

  it('cost in earnest what OWASP asks for', () => {
    expect(defaultCost).toEqual({ ln: 17, r: 8, p: 1 })
  })
})
