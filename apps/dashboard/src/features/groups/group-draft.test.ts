import { describe, expect, it } from 'vitest'
import { groupInputSchema, type GroupView } from '@crossfade/contracts/api/groups'
import { draftOfGroup, groupFieldOf, inputOfGroup, unansweredOfGroup } from './group-draft.ts'

const cart: GroupView = {
  id: 'g1',
  environmentId: 'default',
  version: 1,
  shareVersion: 1,
  createdAt: '2026-01-01T00:00:00Z',
  updatedAt: '2026-01-01T00:00:00Z',
  name: 'Cart',
  description: 'All of it',
  split: {
    percent: 25,
    cohort: { id: 'c1', name: 'cart' },
    identity: { kind: 'header', name: 'x-user' },
    missing: 'client-ip',
  },
  members: [],
}

describe('editing a group', () => {
  it('sends what is stored when nothing is edited', () => {
    expect(groupInputSchema.parse(inputOfGroup(draftOfGroup(cart)))).toEqual({
      name: 'Cart',
      description: 'All of it',
      split: { cohortId: 'c1', identity: { kind: 'header', name: 'x-user' }, missing: 'client-ip' },
    })
  })

  it('asks for a new cohort when none is chosen', () => {
    expect(inputOfGroup(draftOfGroup(null)).split?.cohortId).toBeNull()
  })

  it('asks for name and identity name', () => {
    const errors = unansweredOfGroup({ ...draftOfGroup(null), identityKind: 'cookie' })
    expect(errors.map(({ path }) => groupFieldOf(path))).toEqual(['name', 'identityName'])
  })
})
