import { describe, expect, it } from 'vitest'
import { segmentInputSchema } from '@crossfade/contracts/api/segments'
import { draftOfSegment, inputOfSegment, segmentFieldOf } from './segment-draft.ts'
import { operatorsFor, segmentSentence } from './segment-sentence.ts'

const beta = {
  id: 's1',
  environmentId: 'default',
  version: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  name: 'Beta readers',
  side: 'new' as const,
  conditions: [
    { attribute: { kind: 'header' as const, name: 'x-beta' }, operator: 'in' as const, values: ['1'] },
    {
      attribute: { kind: 'client-ip' as const },
      operator: 'network' as const,
      values: ['10.0.0.0/8', '192.0.2.0/24'],
    },
  ],
}

describe('a segment as a sentence', () => {
  it('reads with all its conditions and the side it forces', () => {
    expect(segmentSentence(beta)).toBe(
      'If header x-beta is one of 1 and the client address is in the network 10.0.0.0/8 or 192.0.2.0/24, always new',
    )
  })

  it('shortens long lists', () => {
    const conditions = [
      {
        attribute: { kind: 'path' as const },
        operator: 'prefix' as const,
        values: ['/a', '/b', '/c', '/d', '/e'],
      },
    ]
    expect(segmentSentence({ side: 'legacy', conditions })).toBe(
      'If the path begins with /a, /b, /c or 2 more, always legacy',
    )
  })
})

describe('editing a segment', () => {
  it('sends what is stored when nothing is edited', () => {
    const { name, side, conditions } = beta
    expect(segmentInputSchema.parse(inputOfSegment(draftOfSegment(beta)))).toEqual({ name, side, conditions })
  })

  it('drops the name of a kind that has none and lowers header names', () => {
    const draft = draftOfSegment(null)
    const [first] = draft.conditions
    if (first === undefined) throw new Error('a new segment has one condition')
    const conditions = [
      { ...first, kind: 'header' as const, name: ' X-Beta ', values: ['1'] },
      { ...first, kind: 'method' as const, name: 'X-Beta', values: ['GET'] },
    ]
    expect(inputOfSegment({ ...draft, conditions }).conditions.map(({ attribute }) => attribute)).toEqual([
      { kind: 'header', name: 'x-beta' },
      { kind: 'method' },
    ])
  })

  it('offers networks only where there can be an address', () => {
    expect(operatorsFor('client-ip')).toContain('network')
    expect(operatorsFor('cookie')).not.toContain('network')
  })

  it.each([
    ['conditions.2.values.0', 'conditions.2.values'],
    ['conditions.0.attribute.name', 'conditions.0.name'],
    ['name', 'name'],
  ])('puts the error of %s on %s', (path, field) => {
    expect(segmentFieldOf(path)).toBe(field)
  })
})
