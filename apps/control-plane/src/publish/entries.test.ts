import { describe, expect, it } from 'vitest'
import { entrySchema } from '@crossfade/contracts/snapshot'
import { aSnapshot } from '@crossfade/testkit/builders'
import { bodyLimit } from '../http/plumbing/json-body.ts'
import { entriesOf } from './entries.ts'

describe('the entries of a snapshot', () => {
  it('are taken by agents, however large a body the API took', () => {
    const value = 'x'.repeat(500)
    const condition = {
      attribute: { kind: 'header', name: 'x-user' },
      operator: 'in',
      values: Array.from({ length: 1_000 }, () => value),
    } as const
    const segment = { id: 'many', name: 'many', side: 'new', conditions: [condition, condition] } as const
    const [entry] = entriesOf(aSnapshot({ segments: [segment] })).filter(({ kind }) => kind === 'segment')
    const { length } = entry?.bytes ?? ''
    expect(length).toBeGreaterThan(1_000_000)
    expect(length).toBeLessThan(bodyLimit)
    expect(entrySchema.safeParse(entry).error).toBeUndefined()
  })
})
