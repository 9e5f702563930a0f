import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { changedFields, fieldDiff, readable } from './field-diff.ts'

describe('fieldDiff', () => {
  it('names nested fields by their path', () => {
    const before = { match: { host: null, path: { kind: 'exact', path: '/a' } }, name: 'a' }
    const after = { match: { host: null, path: { kind: 'exact', path: '/b' } }, name: 'a' }
    expect(fieldDiff(before, after)).toEqual([
      { path: 'match.path.path', kind: 'changed', before: '/a', after: '/b' },
    ])
  })

  it('tells a created object field by field', () => {
    expect(fieldDiff(null, { name: 'a', owner: '' })).toEqual([
      { path: 'name', kind: 'added', before: undefined, after: 'a' },
      { path: 'owner', kind: 'added', before: undefined, after: '' },
    ])
  })

  it('compares lists of objects by id', () => {
    const before = {
      members: [
        { id: 'a', name: 'x' },
        { id: 'b', name: 'y' },
      ],
    }
    const after = { members: [{ id: 'b', name: 'z' }] }
    expect(fieldDiff(before, after).map(({ path, kind }) => `${kind} ${path}`)).toEqual([
      'removed members[a]',
      'changed members[b].name',
    ])
  })

  it('leaves out the bookkeeping of every write', () => {
    expect(fieldDiff({ version: 1, updatedAt: 'x', a: 1 }, { version: 2, updatedAt: 'y', a: 1 })).toEqual([])
  })

  it('finds nothing between equal values and something between different ones', () => {
    fc.assert(
      fc.property(fc.jsonValue(), fc.jsonValue(), (a, b) => {
        expect(fieldDiff({ a }, { a: structuredClone(a) })).toEqual([])
        const differ = JSON.stringify(sorted(a)) !== JSON.stringify(sorted(b))
        expect(fieldDiff({ x: [a] }, { x: [b] }).length > 0).toBe(differ)
      }),
    )
  })
})

describe('changedFields', () => {
  it('says each top-level field once', () => {
    const before = { new: { serviceId: 'a', rewrite: { mapBack: true } }, segments: ['a'] }
    const after = { new: { serviceId: 'b', rewrite: { mapBack: false } }, segments: [] }
    expect(changedFields(before, after)).toEqual(['new', 'segments'])
  })
})

describe('readable', () => {
  it('writes values as people say them', () => {
    expect([null, '', true, [], ['GET', 'PUT'], 5, { a: 1 }].map(readable)).toEqual([
      'nothing',
      'empty',
      'yes',
      'none',
      'GET, PUT',
      '5',
      '{"a":1}',
    ])
  })
})

function sorted(value: unknown): unknown {
  if (Array.isArray(value)) return value.map(sorted)
  if (typeof value !== 'object' || value === null) return Object.is(value, -0) ? '-0' : value
  return Object.fromEntries(
    Object.entries(value)
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([key, inner]) => [key, sorted(inner)]),
  )
}
