import { describe, expect, it } from 'vitest'
import { aMapping, aPolicy } from '@crossfade/testkit/builders'
import type { Mapping, Side, Writes } from '../model.ts'
import type { Admission } from './breaker.ts'
import { afterTry, legacyMayAnswer, place, type Ending, type SideState, type Tries } from './resilience.ts'

const fine: SideState = { admission: 'go', hasRoom: true }
const states = (sides: Partial<Record<Side, Partial<SideState>>>) => (side: Side) => ({
  ...fine,
  ...sides[side],
})
const phased = (phase: Extract<Writes, { kind: 'phased' }>['phase']) => ({
  writes: { kind: 'phased', phase } as const,
  pointOfNoReturn: phase === 'complete',
})

describe('whether legacy may answer for new', () => {
  it.each([
    ['with-share', {}, true, true],
    ['off', phased('off'), true, false],
    ['dual-legacy', phased('dual-legacy'), true, false],
    ['dual-new', phased('dual-new'), true, false],
    ['complete', phased('complete'), false, false],
    ['past the point of no return', { pointOfNoReturn: true }, false, false],
  ] as const)('%s', (_name, overrides: Partial<Mapping>, reads, writes) => {
    const mapping = aMapping(overrides)
    expect(legacyMayAnswer(mapping, 'GET')).toBe(reads)
    expect(legacyMayAnswer(mapping, 'POST')).toBe(writes)
  })
})

describe('placing a request', () => {
  it('follows the decision while all is well', () => {
    expect(place(aMapping(), 'GET', 'new', states({}))).toEqual({ kind: 'send', side: 'new', detour: null })
    expect(place(aMapping(), 'GET', 'legacy', states({}))).toMatchObject({ side: 'legacy', detour: null })
  })

  it.each(['GET', 'POST'])('sends %s to legacy while the breaker of new is open', (method) => {
    expect(place(aMapping(), method, 'new', states({ new: { admission: 'no' } }))).toEqual({
      kind: 'send',
      side: 'legacy',
      detour: 'breaker_open',
    })
  })

  it('refuses writes that belong to new, and everything past the point of no return', () => {
    const open = states({ new: { admission: 'no' } })
    const refused = { kind: 'refuse', code: 'breaker_open' }
    expect(place(aMapping(phased('dual-new')), 'POST', 'new', open)).toEqual(refused)
    expect(place(aMapping(phased('dual-new')), 'GET', 'new', open)).toMatchObject({ side: 'legacy' })
    expect(place(aMapping({ pointOfNoReturn: true }), 'GET', 'new', open)).toEqual(refused)
  })

  it('never sends legacy traffic to new', () => {
    expect(place(aMapping(), 'GET', 'legacy', states({ legacy: { admission: 'no' } }))).toEqual({
      kind: 'refuse',
      code: 'breaker_open',
    })
    expect(place(aMapping(), 'GET', 'legacy', states({ legacy: { hasRoom: false } }))).toEqual({
      kind: 'refuse',
      code: 'over_capacity',
    })
  })

  it('lets what new has no room for overflow to legacy, while that has room', () => {
    expect(place(aMapping(), 'GET', 'new', states({ new: { hasRoom: false } }))).toMatchObject({
      side: 'legacy',
      detour: 'new_at_capacity',
    })
    const full = states({ new: { hasRoom: false }, legacy: { hasRoom: false } })
    expect(place(aMapping(), 'GET', 'new', full)).toMatchObject({ code: 'over_capacity' })
  })

  it('refuses when both breakers are open', () => {
    const open = states({ new: { admission: 'no' }, legacy: { admission: 'no' } })
    expect(place(aMapping(), 'GET', 'new', open)).toMatchObject({ code: 'breaker_open' })
  })

  it('spares new during its slow start only while legacy can help', () => {
    const slow = { admission: 'slow' as Admission }
    expect(place(aMapping(), 'GET', 'new', states({ new: slow }))).toMatchObject({ detour: 'slow_start' })
    const alone = states({ new: slow, legacy: { admission: 'no' } })
    expect(place(aMapping(), 'GET', 'new', alone)).toMatchObject({ side: 'new' })
    expect(place(aMapping({ pointOfNoReturn: true }), 'GET', 'new', states({ new: slow }))).toMatchObject({
      side: 'new',
    })
  })
})

describe('after a try', () => {
  const tries = (overrides: Partial<Tries> = {}): Tries => ({
    method: 'GET',
    side: 'new',
    made: 1,
    allowed: 2,
    replayable: true,
    detoured: false,
    legacyIsOpen: () => true,
    takeRetry: () => true,
    ...overrides,
  })
  const unsent: Ending = { kind: 'failed', sent: false, staleConnection: false }
  const stale: Ending = { kind: 'failed', sent: true, staleConnection: true }
  const broken: Ending = { kind: 'failed', sent: true, staleConnection: false }
  const answered = (status: number, retryAtOnce = false): Ending => ({
    kind: 'answered',
    status,
    retryAtOnce,
  })
  const step = (ending: Ending, overrides: Partial<Tries> = {}, mapping: Mapping | null = aMapping()) =>
    afterTry(mapping, ending, tries(overrides)).kind

  it('tries anything again of which nothing had left', () => {
    expect(step(unsent)).toBe('retry')
    expect(step(unsent, { method: 'POST' })).toBe('retry')
    expect(step(unsent, { method: 'POST' }, null)).toBe('retry')
  })

  it('tries safe requests again, over a fresh connection, when a kept one had died', () => {
    expect(afterTry(aMapping(), stale, tries())).toEqual({ kind: 'retry', fresh: true })
    expect(step(stale, { method: 'POST' })).toBe('accept')
    expect(step(broken)).toBe('accept')
  })

  it('tries writes again where the mapping says that they may come twice', () => {
    const mapping = aMapping({ policy: aPolicy({ idempotentWrites: true }) })
    expect(step(stale, { method: 'PUT' }, mapping)).toBe('retry')
    expect(step(stale, { method: 'PUT', replayable: false }, mapping)).toBe('accept')
  })

  it('tries again when the service asks for it, for safe requests only', () => {
    expect(step(answered(503, true))).toBe('retry')
    expect(step(answered(503, true), { method: 'POST' })).toBe('accept')
    expect(step(answered(503))).toBe('accept')
  })

  it('stops at the number of tries and at the budget', () => {
    expect(step(unsent, { made: 2 })).toBe('accept')
    expect(step(unsent, { takeRetry: () => false })).toBe('accept')
  })

  it('asks legacy once for safe requests that failed on new, where the mapping says so', () => {
    const mapping = aMapping({ policy: aPolicy({ safeFallback: true }) })
    expect(step(broken, {}, mapping)).toBe('detour')
    expect(step(answered(500), {}, mapping)).toBe('detour')
    expect(step(answered(404), {}, mapping)).toBe('accept')
    expect(step(broken, { method: 'POST' }, mapping)).toBe('accept')
    expect(step(broken, { detoured: true }, mapping)).toBe('accept')
    expect(step(broken, { side: 'legacy' }, mapping)).toBe('accept')
    expect(step(broken, { legacyIsOpen: () => false }, mapping)).toBe('accept')
    expect(step(broken, {}, aMapping({ ...mapping, pointOfNoReturn: true }))).toBe('accept')
  })

  it('reads through to legacy for the statuses that are named', () => {
    const mapping = aMapping({ policy: aPolicy({ readThrough: [404] }) })
    expect(afterTry(mapping, answered(404), tries())).toEqual({ kind: 'detour', why: 'read_through' })
    expect(step(answered(410), {}, mapping)).toBe('accept')
    expect(step(answered(404), { method: 'POST' }, mapping)).toBe('accept')
    expect(step(answered(404), {}, aMapping({ ...mapping, ...phased('complete') }))).toBe('accept')
  })
})
