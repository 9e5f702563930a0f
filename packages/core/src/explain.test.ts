import {
  aGroup,
  aMapping,
  aMatch,
  anEnvironment,
  aSegment,
  aSnapshot,
  aSplit,
} from '@crossfade/testkit/builders'
import { describe, expect, it } from 'vitest'
import { decide } from './decide.ts'
import { explain } from './explain.ts'
import { factsOf, type FactsParts } from './facts.ts'
import type { Mapping, Snapshot } from './model.ts'
import { compileSnapshot, withOverlays } from './routing-table.ts'

const facts = (parts: Partial<FactsParts> = {}) =>
  factsOf({ method: 'GET', host: 'api.books.example', target: '/v2/books', ...parts })
const because = (mapping: Partial<Mapping>, parts: Partial<FactsParts> = {}, rest: Partial<Snapshot> = {}) =>
  explain(compileSnapshot(aSnapshot({ mappings: [aMapping(mapping)], ...rest })), facts(parts)).because
const quarter = aSplit({ share: 2_500 })

describe('because', () => {
  it('names bucket and share', () => {
    const headers = [['cookie', 'uid=u1']] as const
    expect(because({ split: quarter }, { headers })).toBe(
      'Bucket 1\u00a0500 is below 2\u00a0500, the share of 25 %, so new.',
    )
    expect(because({ split: aSplit({ share: 1_250 }) }, { headers })).toBe(
      'Bucket 1\u00a0500 is not below 1\u00a0250, the share of 12.5 %, so legacy.',
    )
    expect(because({ split: aSplit({ share: 50, identity: { kind: 'request' } }) }, { entropy: 49 })).toBe(
      'Drawn for this request alone, bucket 49 is below 50, the share of 0.5 %, so new.',
    )
  })

  it('says every other reason in plain words', () => {
    const forcing = {
      environment: anEnvironment({
        forcedSide: { header: 'x-side', cookie: null },
        callers: { keyDigests: ['a'.repeat(64)], segmentId: null },
      }),
    }
    const forced = { callerDigest: 'a'.repeat(64), headers: [['x-side', 'new']] as const }
    const staff = { headers: [['x-staff', 'yes']] as const }
    expect([
      because({}),
      because({ split: aSplit({ share: 10_000 }) }),
      because({ split: quarter }),
      because({ pointOfNoReturn: true }),
      because({ writes: { kind: 'phased', phase: 'dual-legacy' } }, { method: 'POST' }),
      because({}, forced, forcing),
      because({ segments: ['staff'] }, staff, { segments: [aSegment({ name: 'Colleagues' })] }),
      because({}, { target: '/else' }),
      because({}, { target: '/else' }, { environment: anEnvironment({ defaults: [] }) }),
    ]).toEqual([
      'The share is 0 %, so legacy.',
      'The share is 100 %, so new.',
      'The request does not say who asks, and then legacy answers (the share is 25 %), so legacy.',
      'The data of books has moved (point of no return), so new.',
      'This is a write, and writes of books are in phase dual-legacy, so legacy.',
      'An allowed caller asked for new with a header, so new.',
      'The request is in the segment Colleagues, so new.',
      'No mapping matches, so the request goes untouched to the default service legacy-books.',
      'No mapping matches, and there is no default service for this host, so the answer is 404.',
    ])
  })

  it('says that a mapping is rolled back', () => {
    const snapshot = aSnapshot({
      mappings: [aMapping({ split: { groupId: 'quarter' } })],
      groups: [aGroup()],
    })
    const overlay = {
      environmentId: 'default',
      epoch: 'e',
      revision: 2,
      mappingIds: [],
      groupIds: ['quarter'],
    }
    const table = withOverlays(compileSnapshot(snapshot), [overlay])
    expect(explain(table, facts()).because).toBe('books is rolled back, so legacy.')
  })
})

describe('candidates', () => {
  const mappings = [
    aMapping({
      id: 'host',
      match: aMatch({ kind: 'regex', pattern: 'books', position: 0 }, { host: '*.example' }),
    }),
    aMapping({ id: 'exact', match: aMatch('/v2/books') }),
    aMapping({ id: 'any', match: aMatch({ kind: 'template', template: '/v2/:kind' }) }),
    aMapping({ id: 'post', match: aMatch('/v2/books', { methods: ['POST'], host: 'api.books.example' }) }),
    aMapping({ id: 'root', match: aMatch({ kind: 'prefix', path: '/' }) }),
  ]
  const table = compileSnapshot(aSnapshot({ mappings }))

  it('are all that fit, best first, with what put them behind', () => {
    const { candidates, decision } = explain(table, facts())
    expect(candidates.map(({ mapping, lostBy }) => [mapping.id, lostBy])).toEqual([
      ['host', null],
      ['exact', 'host has the more exact host'],
      ['any', 'host has the more exact host'],
      ['root', 'host has the more exact host'],
    ])
    expect(decision).toEqual(decide(table, facts()))
  })

  it('are compared by kind of path on the same host', () => {
    const { candidates } = explain(table, facts({ host: 'other.test' }))
    expect(candidates.map(({ lostBy }) => lostBy)).toEqual([
      null,
      'exact has the more exact kind of path',
      'exact has the more exact kind of path',
    ])
  })
})
