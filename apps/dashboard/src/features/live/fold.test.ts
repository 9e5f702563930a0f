import type { LiveEvent } from '@crossfade/contracts/live'
import { describe, expect, it } from 'vitest'
import { agentView } from '../../testing/views.ts'
import { progressOf } from './convergence.ts'
import { apply, keptNumbers, type LiveView, type UnknownEvent } from './fold.ts'

const hello: LiveEvent = {
  type: 'hello',
  n: 10,
  now: 1000,
  version: '0.1.0',
  environmentId: 'default',
  epoch: 'e1',
  revision: 3,
  shares: [{ mappingId: 'books', percent: 5, shareVersion: 2 }],
  agents: [agentView('edge-1'), agentView('edge-2')],
}
const numbers = (n: number, at = n * 1000): LiveEvent => ({ type: 'numbers', n, at, mappings: [] })
const shareChange = (n: number, percent: number): LiveEvent => ({
  type: 'change',
  n,
  revision: 4,
  change: {
    seq: 1,
    at: '2026-01-01T00:00:00.000Z',
    environmentId: 'default',
    actor: { kind: 'user', id: 'u', name: 'Maya' },
    act: 'mapping.share',
    object: { kind: 'mapping', id: 'books', name: 'books' },
    before: { percent: 5 },
    after: { percent },
    reason: null,
    source: 'dashboard',
    requestId: null,
    revision: 4,
  },
  shares: [{ mappingId: 'books', percent, shareVersion: 3 }],
})

function fold(...events: (LiveEvent | UnknownEvent)[]): LiveView {
  let view: LiveView | null = null
  for (const event of events) {
    const next: LiveView | 'gap' = apply(view, event)
    if (next === 'gap') throw new Error(`gap at ${event.n}`)
    view = next
  }
  if (view === null) throw new Error('no event')
  return view
}

describe('the live view', () => {
  it('begins with a full view and moves with events', () => {
    const view = fold(hello, shareChange(11, 25), { type: 'agent', n: 12, agent: agentView('edge-3') })
    expect(view.shares['books']).toEqual({ percent: 25, shareVersion: 3 })
    expect(view.revision).toBe(4)
    expect(Object.keys(view.agents)).toEqual(['edge-1', 'edge-2', 'edge-3'])
    expect(view.changes.map(({ act }) => act)).toEqual(['mapping.share'])
  })

  it('ignores the late and the doubled', () => {
    const view = fold(hello, shareChange(11, 25))
    expect(apply(view, shareChange(11, 99))).toBe(view)
    expect(apply(view, shareChange(4, 99))).toBe(view)
  })

  it('calls a missing event a gap, and an event before hello too', () => {
    expect(apply(fold(hello), numbers(12))).toBe('gap')
    expect(apply(null, numbers(1))).toBe('gap')
  })

  it('never edits in place', () => {
    const before = fold(hello)
    const shares = before.shares
    apply(before, shareChange(11, 25))
    expect(before.shares).toBe(shares)
    expect(shares['books']?.percent).toBe(5)
  })

  it('forgets retired agents', () => {
    const view = fold(hello, { type: 'agent', n: 11, agent: agentView('edge-2', { state: 'retired' }) })
    expect(Object.keys(view.agents)).toEqual(['edge-1'])
  })

  it('keeps one minute of numbers, also over a reconnect', () => {
    const many = Array.from({ length: 70 }, (_, i) => numbers(11 + i))
    const view = fold(hello, ...many)
    expect(view.numbers).toHaveLength(keptNumbers)
    expect(fold(hello, ...many, { ...hello, n: 500 }).numbers).toHaveLength(keptNumbers)
  })

  it('begins anew with another epoch', () => {
    expect(fold(hello, numbers(11), { ...hello, n: 1, epoch: 'e2' }).numbers).toEqual([])
  })

  it('counts events it does not know', () => {
    expect(fold(hello, { type: 'unknown', n: 11 }, numbers(12)).n).toBe(12)
  })
})

describe('how far a revision is', () => {
  it('believes the measured convergence', () => {
    const view = fold(hello, {
      type: 'convergence',
      n: 11,
      revision: 4,
      live: 2,
      total: 2,
      waitingFor: [],
      ms: 84,
    })
    expect(progressOf(view, 4, false)).toEqual({ live: 2, total: 2, waitingFor: [], ms: 84, isLive: true })
  })

  it('names the agents that have not confirmed', () => {
    const one = agentView('edge-1', { running: { epoch: 'e1', revision: 4, hash: 'h' } })
    const view = fold(hello, { type: 'agent', n: 11, agent: one })
    expect(progressOf(view, 4, false)).toMatchObject({
      live: 1,
      total: 2,
      waitingFor: ['edge-2'],
      isLive: false,
    })
  })

  it('counts an overlay for a roll back only', () => {
    const stuck = agentView('edge-1', { overlayRevision: 4 })
    const view = fold({ ...hello, agents: [stuck] })
    expect(progressOf(view, 4, true).isLive).toBe(true)
    expect(progressOf(view, 4, false).isLive).toBe(false)
  })

  it('is never live on nobody', () => {
    expect(progressOf(fold({ ...hello, agents: [] }), 3, false).isLive).toBe(false)
  })
})
