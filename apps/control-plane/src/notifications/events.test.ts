import { describe, expect, it } from 'vitest'
import type { AuditFacts } from '../audit/chain.ts'
import { eventOfChange } from './events.ts'

const facts = (act: string, more: Partial<AuditFacts> = {}): AuditFacts => ({
  seq: 7,
  at: '2026-01-01T00:00:00.000Z',
  environmentId: 'default',
  actor: { kind: 'user', id: 'anna', name: 'Anna' },
  act,
  object: { kind: 'mapping', id: 'm', name: 'books' },
  alsoTouches: [],
  before: { percent: 10 },
  after: { percent: 25 },
  reason: null,
  source: 'api',
  requestId: null,
  revision: null,
  ...more,
})

describe('an audited act', () => {
  it.each([
    ['mapping.share', {}, 'share.changed', 'Anna moved the share of books from 10 % to 25 %'],
    ['group.rollback', {}, 'share.rolled_back', 'Anna rolled back books from 10 %'],
    [
      'environment.rollback',
      {},
      'environment.rolled_back',
      'Anna pulled the kill switch of books: every share is 0 %',
    ],
    ['ramp.advanced', { after: { words: 'On to 25 %' } }, 'ramp.changed', 'books: On to 25 %'],
    ['ramp.waits', { after: { words: 'Waits', waitsFor: 'hold' } }, 'ramp.changed', 'books: Waits'],
    ['ramp.waits', { after: { words: 'Waits', waitsFor: 'approval' } }, 'approval.wanted', 'books: Waits'],
    ['ramp.paused', { after: { words: 'Paused', callsPerson: true } }, 'ramp.person_called', 'books: Paused'],
    ['ramp.rolled-back', { after: { words: '8 % fail' } }, 'share.rolled_back', 'books: 8 % fail'],
    ['approval.request', {}, 'approval.wanted', 'Anna: approval request, books'],
    ['approval.give', {}, 'approval.given', 'Anna: approval give, books'],
    ['freeze.create', {}, 'freeze.changed', 'Anna made the freeze books'],
    ['environment.stop-line', {}, 'freeze.changed', 'Anna stopped the line in books: no raises'],
    [
      'agent.emergency',
      {},
      'agent.emergency',
      'books was rolled back on the spot, without the control plane, by Anna',
    ],
  ] as const)('%s with %o is told as %s', (act, more, type, summary) => {
    const event = eventOfChange(facts(act, more))
    expect([event?.type, event?.summary, event?.key]).toEqual([type, summary, 'change:7'])
  })

  it.each(['service.update', 'user.invite', 'webhook.test', 'ramp.create', 'ramp.note', 'ramp.item-ticked'])(
    '%s is told to nobody',
    (act) => expect(eventOfChange(facts(act))).toBeNull(),
  )

  it('of a guardrail that only practises is told to nobody', () => {
    const after = (dryRun: boolean) => ({ after: { words: 'x', cause: { dryRun } } })
    expect(eventOfChange(facts('ramp.verdict', after(true)))).toBeNull()
    expect(eventOfChange(facts('ramp.verdict', after(false)))?.type).toBe('ramp.verdict')
  })

  it('of a ramp is on the thread of that ramp, whatever the stage', () => {
    const event = eventOfChange(facts('ramp.advanced', { alsoTouches: ['r', 'm'] }))
    expect(event?.thread).toBe('ramp:r')
  })

  it('leaves out a view that is too large to send', () => {
    const event = eventOfChange(facts('mapping.share', { after: { percent: 1, more: 'x'.repeat(9_000) } }))
    expect([event?.after, event?.before]).toEqual([null, { percent: 10 }])
  })
})
