import { aRequirement } from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import type { Presented, Requirement } from './auth.ts'
import { judge } from './judge.ts'

const tokens = {
  none: { kind: 'none' },
  invalid: { kind: 'invalid' },
  unknown: { kind: 'unknown', retryAfterMs: 1_000 },
  good: { kind: 'valid', issuer: 'login', claims: { scope: 'read' } },
} as const satisfies Record<string, Presented['token']>
const keys = {
  none: { kind: 'none' },
  invalid: { kind: 'invalid' },
  all: { kind: 'valid', key: { mappings: 'all' } },
  books: { kind: 'valid', key: { mappings: ['books'] } },
} as const satisfies Record<string, Presented['apiKey']>

const verdict = (
  requirement: Partial<Requirement>,
  token: keyof typeof tokens,
  key: keyof typeof keys = 'none',
  mappingId: string | null = 'books',
) => judge(aRequirement(requirement), mappingId, { token: tokens[token], apiKey: keys[key] })?.kind ?? 'pass'

describe('a caller', () => {
  it('passes with one good credential, whatever the other is like', () => {
    const either = { anyOf: ['jwt', 'api-key'] } as const
    expect(verdict(either, 'good', 'invalid')).toBe('pass')
    expect(verdict(either, 'invalid', 'books')).toBe('pass')
    expect(verdict(either, 'unknown', 'all')).toBe('pass')
  })

  it('is not helped by a credential nobody asked for', () => {
    expect(verdict({ anyOf: ['jwt'] }, 'none', 'all')).toBe('missing')
    expect(verdict({ anyOf: ['api-key'] }, 'good', 'none')).toBe('missing')
  })

  it('lacks claims, or a key for this mapping: known, and not let in', () => {
    const write = { requiredClaims: [{ claim: 'scope', values: ['write'] }] }
    expect(verdict(write, 'good')).toBe('forbidden')
    expect(verdict({ anyOf: ['api-key'] }, 'none', 'books', 'films')).toBe('forbidden')
    expect(verdict({ anyOf: ['api-key'] }, 'none', 'books', null)).toBe('forbidden')
    expect(verdict({ anyOf: ['api-key'] }, 'none', 'all', null)).toBe('pass')
  })

  it('of another issuer than the mapping names is nobody', () => {
    expect(verdict({ issuers: ['partners'] }, 'good')).toBe('invalid')
    expect(verdict({ issuers: ['partners', 'login'] }, 'good')).toBe('pass')
  })

  it('never passes without a valid credential', () => {
    const credential = fc.record({
      token: fc.constantFrom<Presented['token']>(tokens.none, tokens.invalid, tokens.unknown),
      apiKey: fc.constantFrom<Presented['apiKey']>(keys.none, keys.invalid),
    })
    const requirement = fc.record({
      anyOf: fc.constantFrom<Requirement['anyOf']>(['jwt'], ['api-key'], ['jwt', 'api-key'], []),
      issuers: fc.constantFrom([], ['login']),
    })
    fc.assert(
      fc.property(credential, requirement, (presented, parts) => {
        expect(judge(aRequirement(parts), 'books', presented)).not.toBeNull()
      }),
    )
  })
})
