import { describe, expect, it } from 'vitest'
import { changeSchema, type Change } from '@crossfade/contracts/api/changes'
import { mergeChanges } from './changes-query.ts'

describe('changes that come while somebody reads', () => {
  it('are counted once, and stand before what is loaded', () => {
    const merged = mergeChanges([change(5), change(4)], [change(7), change(6), change(5)])
    expect(merged.items.map(({ seq }) => seq)).toEqual([7, 6, 5, 4])
    expect(merged).toMatchObject({ unseen: 2, mayHaveGap: false })
  })

  it('may hide others when none of the newest is among the loaded', () => {
    const newest = Array.from({ length: 100 }, (_, at) => change(300 - at))
    expect(mergeChanges([change(5)], newest)).toMatchObject({ unseen: 100, mayHaveGap: true })
  })
})

function change(seq: number): Change {
  return changeSchema.parse({
    seq,
    at: '2026-01-01T00:00:00Z',
    environmentId: 'default',
    actor: { kind: 'user', id: 'u', name: 'Maya' },
    act: 'mapping.share',
    object: { kind: 'mapping', id: 'm', name: 'checkout' },
    before: { percent: 1 },
    after: { percent: 2 },
    reason: null,
    source: 'dashboard',
    requestId: null,
    revision: seq,
  })
}
