import {
  aMapping,
  aMatch,
  anAuth,
  anEnvironment,
  anIssuer,
  aPolicy,
  aRequirement,
  aSegment,
  aSnapshot,
  aSplit,
} from '@crossfade/testkit/builders'
import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { readTarget } from '../canonical-path.ts'
import { decide } from '../decide.ts'
import { explainRequest } from '../explain-request.ts'
import { factsOf } from '../facts.ts'
import type { Environment, Mapping, Snapshot } from '../model.ts'
import { isRaise } from '../preview.ts'
import { compileSnapshot } from '../routing-table.ts'
import { slipsPast } from '../slips-past.ts'
import { problemsOfSnapshot } from '../validate.ts'
import type { EnvironmentAuth, MappingCheck } from './auth.ts'

const digest = 'd'.repeat(64)
const createdAt = '2026-01-01T00:00:00Z'
const aKey = (mappings: 'all' | string[] = 'all') => ({ id: 'k1', name: 'shop', digest, mappings, createdAt })
const checked = aRequirement()

function snapshotWith(
  check: MappingCheck,
  auth: Partial<EnvironmentAuth> = {},
  mapping: Partial<Mapping> = {},
  environment: Partial<Environment> = {},
): Snapshot {
  return aSnapshot({
    mappings: [aMapping({ ...mapping, policy: aPolicy({ auth: check }) })],
    environment: anEnvironment({ auth: anAuth({ issuers: [anIssuer()], ...auth }), ...environment }),
  })
}

describe('what has to be known of a caller', () => {
  it('is nothing where nobody checks: the plain way stays plain', () => {
    expect(compileSnapshot(snapshotWith('none')).auth).toBeNull()
    expect(compileSnapshot(snapshotWith('inherit')).auth).toBeNull()
    const byClaim = aMapping({ split: aSplit({ identity: { kind: 'claim', name: 'sub' } }) })
    expect(compileSnapshot(aSnapshot({ mappings: [byClaim] })).auth).toBeNull()
  })

  it('is its own check, else that of the environment', () => {
    const needOf = (check: MappingCheck) =>
      compileSnapshot(snapshotWith(check, { mapped: checked })).auth?.needs.get('books')?.requirement
    expect(needOf('inherit')).toEqual(checked)
    expect(needOf('none')).toBeUndefined()
    const dropping = aRequirement({ forward: 'drop' })
    expect(needOf(dropping)).toEqual(dropping)
  })

  it('is a token where identity, a segment or a limit reads claims', () => {
    const conditions = [{ attribute: { kind: 'claim', name: 'org' }, operator: 'in', values: ['7'] }] as const
    const limits = [
      { name: 'each', key: { kind: 'claim', name: 'sub' }, side: null, perSecond: 1, burst: 1 },
    ] as const
    const readers: Partial<Mapping>[] = [
      { split: aSplit({ identity: { kind: 'claim', name: 'sub' } }) },
      { segments: ['staff'] },
      { policy: aPolicy({ limits }) },
    ]
    for (const reader of readers) {
      const { auth } = compileSnapshot({
        ...snapshotWith('none'),
        mappings: [aMapping(reader)],
        segments: [aSegment({ conditions })],
      })
      expect(auth?.needs.get('books')).toEqual({ requirement: null, wantsClaims: true })
      expect(auth?.hasChecks).toBe(false)
    }
  })
})

describe('a path and the checks', () => {
  it('keeps %2F until something carries a check, unless the environment says otherwise', () => {
    const pathsOf = (check: MappingCheck, encodedSlash: 'auto' | 'keep' | 'refuse', auth = {}) =>
      compileSnapshot(snapshotWith(check, auth, {}, { paths: { encodedSlash, ambiguous: 'pass-unmapped' } }))
        .paths
    expect(pathsOf('none', 'auto')).toEqual({ encodedSlash: 'keep', ambiguous: 'pass-unmapped' })
    expect(pathsOf(checked, 'auto')).toEqual({ encodedSlash: 'refuse', ambiguous: 'refuse' })
    expect(pathsOf('none', 'auto', { unmapped: checked })).toEqual({
      encodedSlash: 'refuse',
      ambiguous: 'refuse',
    })
    expect(pathsOf(checked, 'keep').encodedSlash).toBe('keep')
    expect(pathsOf('none', 'refuse').encodedSlash).toBe('refuse')
  })

  it('does not slip past a check in any spelling a service could take for the mapped one', () => {
    const spell = (char: string) =>
      fc.constantFrom(
        char,
        `%${char.charCodeAt(0).toString(16)}`,
        `%${char.charCodeAt(0).toString(16).toUpperCase()}`,
        ...(char === '/' ? ['//', '%2f%2F', ';v=1/', '/;/', '/%2f'] : []),
      )
    const wanted = '/admin/users'
    const spelled = fc
      .tuple(...Array.from(wanted, spell), fc.constantFrom('', '/', ';jsessionid=1', '%3Bx', '//', '%2f'))
      .map((parts) => `/${parts.join('').replace(/^\//, '')}`)
    const kinds = fc.constantFrom<Mapping['match']['path']>(
      { kind: 'exact', path: wanted },
      { kind: 'prefix', path: '/admin' },
      { kind: 'template', template: '/admin/:what' },
    )
    const others = fc.constantFrom<Mapping['match']['path']>(
      { kind: 'prefix', path: '/' },
      { kind: 'template', template: '/:any' },
      { kind: 'template', template: '/:one/*rest' },
      { kind: 'regex', pattern: '^/', position: 0 },
    )
    const policy = fc.constantFrom<Environment['paths']>(
      { encodedSlash: 'auto', ambiguous: 'pass-unmapped' },
      { encodedSlash: 'keep', ambiguous: 'pass-unmapped' },
    )
    fc.assert(
      fc.property(spelled, kinds, fc.option(others), policy, (target, path, other, paths) => {
        const snapshot = snapshotWith(checked, {}, { match: aMatch(path) }, { paths })
        const open =
          other === null
            ? []
            : [aMapping({ id: 'open', match: aMatch(other), policy: aPolicy({ auth: 'none' }) })]
        const table = compileSnapshot({ ...snapshot, mappings: [...snapshot.mappings, ...open] })
        const reading = readTarget(target, table.paths)
        const facts = factsOf({ method: 'GET', host: 't', target })
        const decision = decide(table, facts)
        const isRefused =
          reading.kind === 'ambiguous'
            ? table.paths.ambiguous === 'refuse'
            : slipsPast(table, facts, decision)
        const isChecked = decision.kind === 'mapped' && decision.mapping.id === 'books'
        expect(isRefused || isChecked).toBe(true)
      }),
      { numRuns: 500 },
    )
  })

  it('goes on as before where it only looks like a checked one', () => {
    const table = compileSnapshot(
      snapshotWith(checked, {}, { match: aMatch({ kind: 'prefix', path: '/admin' }) }),
    )
    for (const target of ['/administrators', '/x/admin', '/a;b/c', '/login/', '/admin-x;y=1']) {
      const facts = factsOf({ method: 'GET', host: 't', target })
      expect(slipsPast(table, facts, decide(table, facts))).toBe(false)
    }
  })
})

describe('a change of checks', () => {
  const before = snapshotWith(checked)

  it('is a raise when one goes, loosens, or rests on other issuers', () => {
    expect(isRaise(before, snapshotWith('none'))).toBe(true)
    expect(isRaise(before, snapshotWith('inherit'))).toBe(true)
    expect(isRaise(before, snapshotWith(aRequirement({ anyOf: ['jwt', 'api-key'] })))).toBe(true)
    expect(
      isRaise(before, snapshotWith(checked, { issuers: [anIssuer({ audiences: ['books', 'films'] })] })),
    ).toBe(true)
    expect(
      isRaise(
        before,
        snapshotWith(checked, { issuers: [anIssuer(), anIssuer({ name: 'partners', issuer: 'p' })] }),
      ),
    ).toBe(true)
    expect(isRaise(before, snapshotWith(checked, { preflight: 'pass' }))).toBe(true)
    expect(isRaise(before, { ...before, mappings: [] })).toBe(true)
    const unmapped = snapshotWith('none', { unmapped: checked })
    expect(isRaise(unmapped, snapshotWith('none'))).toBe(true)
  })

  it('is none when only the way to say it changes, or keys come and go', () => {
    expect(isRaise(before, snapshotWith('inherit', { mapped: checked }))).toBe(false)
    expect(isRaise(before, snapshotWith(checked, { apiKeys: [aKey()] }))).toBe(false)
    expect(isRaise(before, snapshotWith(aRequirement({ ...checked })))).toBe(false)
  })
})

describe('a snapshot with checks', () => {
  const problemsOf = (check: MappingCheck, auth: Partial<EnvironmentAuth> = {}) =>
    problemsOfSnapshot(snapshotWith(check, auth)).map(({ path }) => path)

  it('is refused where nobody could ever pass', () => {
    expect(problemsOf(checked)).toEqual([])
    expect(problemsOf(checked, { issuers: [] })).toEqual(['mappings.books.policy.auth.anyOf'])
    expect(problemsOf(aRequirement({ issuers: ['gone'] }))).toEqual(['mappings.books.policy.auth.issuers.0'])
    expect(problemsOf('none', { unmapped: aRequirement({ issuers: ['gone'] }) })).toEqual([
      'environment.auth.unmapped.issuers.0',
    ])
  })

  it('is refused where two issuers or keys cannot be told apart, or keys come from a forbidden place', () => {
    expect(problemsOf('none', { issuers: [anIssuer(), anIssuer({ name: 'twin' })] })).toEqual([
      'environment.auth.issuers.1.issuer',
    ])
    expect(problemsOf('none', { apiKeys: [aKey(), { ...aKey(), id: 'k2', name: 'b' }] })).toEqual([
      'environment.auth.apiKeys.1.digest',
    ])
    for (const jwksUrl of [
      'http://169.254.169.254/keys',
      'ftp://x/keys',
      'https://u:p@x/keys',
      'https://x/k#f',
    ]) {
      expect(problemsOf('none', { issuers: [anIssuer({ jwksUrl })] })).toEqual([
        'environment.auth.issuers.0.jwksUrl',
      ])
    }
  })
})

describe('explaining a checked request', () => {
  const snapshot = snapshotWith(
    aRequirement({ anyOf: ['jwt', 'api-key'], requiredClaims: [{ claim: 'scope', values: ['read'] }] }),
    {
      apiKeys: [aKey()],
    },
  )
  const explained = (
    claims: Record<string, unknown> | null,
    headers: Record<string, string> = {},
    method = 'GET',
  ) =>
    explainRequest(
      compileSnapshot(snapshot),
      { method, url: '/v2/books', headers, clientIp: '192.0.2.1', entropy: 0, claims },
      (key) => (key === 'the key' ? digest : 'e'.repeat(64)),
    )

  it('says what callers must show, and what becomes of this one', () => {
    expect(explained(null)).toMatchObject({
      outcome: 'refused',
      mapping: { id: 'books' },
      because:
        'Callers must show a token with scope read or an API key; this caller shows nothing, so the answer is 401.',
    })
    expect(explained({ scope: 'write' }).auth).toMatchObject({ verdict: 'refused', status: 403 })
    expect(explained({ scope: 'read', iss: 'https://evil.example' }).auth).toMatchObject({ status: 401 })
    expect(explained({ scope: 'read' })).toMatchObject({ outcome: 'mapped', auth: { verdict: 'passed' } })
    expect(explained(null, { 'X-API-Key': 'the key' })).toMatchObject({ outcome: 'mapped' })
    expect(explained(null, { 'X-API-Key': 'another' }).auth).toMatchObject({ status: 401 })
  })

  it('never repeats what was shown', () => {
    const shown = JSON.stringify(
      explained({ scope: 'hush' }, { 'x-api-key': 'psst', authorization: 'Bearer psst' }),
    )
    expect(shown).not.toMatch(/psst|hush/)
  })
})
