import { describe, expect, it } from 'vitest'
import type { Change } from '@crossfade/contracts/api/changes'
import { sentenceText } from './change-sentence.ts'

describe('a change as a sentence', () => {
  it('says who raised what from where to where', () => {
    expect(say('mapping.share', 'mapping', 'checkout', { percent: 5 }, { percent: 25 })).toBe(
      'Maya raised checkout from 5 % to 25 %',
    )
  })

  it('says lowered when less goes to new', () => {
    expect(say('group.share', 'group', 'cart', { percent: 12.5 }, { percent: 1 })).toBe(
      'Maya lowered group cart from 12.5 % to 1 %',
    )
  })

  it('reads shares in basis points too', () => {
    expect(say('mapping.share', 'mapping', 'checkout', { share: 500 }, { share: 2500 })).toBe(
      'Maya raised checkout from 5 % to 25 %',
    )
  })

  it('tells a roll back with the share it came from', () => {
    expect(say('mapping.rollback', 'mapping', 'checkout', { percent: 25 }, { percent: 0 })).toBe(
      'Maya rolled back checkout from 25 %',
    )
  })

  it('counts what the kill switch rolled back', () => {
    const after = { shares: [{ id: 'a' }, { id: 'b' }], skipped: [] }
    expect(say('environment.rollback', 'environment', 'production', null, after)).toBe(
      'Maya rolled back everything in production: 2 mappings and groups',
    )
  })

  it('names the edited fields', () => {
    const before = { name: 'a', new: { serviceId: 'x' }, segments: [] }
    const after = { name: 'a', new: { serviceId: 'y' }, segments: ['s'] }
    expect(say('mapping.update', 'mapping', 'checkout', before, after)).toBe(
      'Maya edited the mapping checkout: new side, segments',
    )
  })

  it('tells roles and invitations', () => {
    const as = (role: string) => ({ access: { everywhere: role, environments: [] } })
    expect(say('user.update', 'user', 'Jon', as('viewer'), as('editor'))).toBe(
      'Maya made Jon editor everywhere, before: viewer everywhere',
    )
    expect(say('user.update', 'user', 'Jon', { state: 'active' }, { state: 'disabled' })).toBe(
      'Maya disabled Jon',
    )
    expect(say('user.invite', 'user', 'jon@example.com', null, as('viewer'))).toBe(
      'Maya invited jon@example.com as viewer everywhere',
    )
  })

  it('tells what happens on a ramp in its own words', () => {
    const after = { stage: 1, words: 'Paused' }
    expect(say('ramp.paused', 'mapping', 'books', null, after)).toBe('Maya on the ramp of books: paused')
    const ramp = { kind: 'system', id: 'ramp', name: 'Ramp' } as const
    expect(say('ramp.advanced', 'mapping', 'books', null, { words: 'From 1 % to 5 %' }, ramp)).toBe(
      'The ramp of books: from 1 % to 5 %',
    )
    expect(say('approval.approve', 'approval', 'Raise books to 60 %', null, null)).toBe(
      'Maya approved: Raise books to 60 %',
    )
  })

  it('names actors that are no people by what they are', () => {
    const actor = { kind: 'agent', id: 'a', name: 'edge-1' } as const
    expect(
      say(
        'agent.emergency',
        'agent',
        'edge-1',
        null,
        { overlay: { mappingIds: ['m'], groupIds: [] } },
        actor,
      ),
    ).toBe('Agent edge-1 rolled back 1 mapping or group on agent edge-1 itself, without the control plane')
  })

  it('still says something about an act it does not know', () => {
    expect(say('mapping.tag', 'mapping', 'checkout', null, null)).toBe(
      'Maya did “tag” on the mapping checkout',
    )
  })
})

function say(
  act: string,
  kind: string,
  name: string,
  before: unknown,
  after: unknown,
  actor: Change['actor'] = { kind: 'user', id: 'u', name: 'Maya' },
): string {
  return sentenceText({ actor, act, object: { kind, id: 'o', name }, before, after })
}
