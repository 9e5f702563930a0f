import { describe, expect, it } from 'vitest'
import { Breaker, type Transition } from './breaker.ts'

const policy = { failurePercent: 50, minimumSample: 20, windowMs: 10_000, openMs: 1_000 }

function aBreaker(random = () => 1) {
  const transitions: Transition[] = []
  const breaker = new Breaker(policy, random, (transition) => transitions.push(transition))
  const fail = (now: number, times: number) => {
    for (let i = 0; i < times; i++) breaker.record(now, false, false)
  }
  return { breaker, transitions, fail }
}

describe('a breaker', () => {
  it('stays closed while requests succeed now and then', () => {
    const { breaker, transitions } = aBreaker()
    for (let i = 0; i < 18; i++) breaker.record(0, i % 3 === 0, false)
    expect(breaker.admit(0)).toBe('go')
    expect(transitions).toEqual([])
  })

  it('opens after five failures in a row, whatever the sample', () => {
    const { breaker, transitions, fail } = aBreaker()
    fail(0, 4)
    expect(breaker.state).toBe('closed')
    fail(0, 1)
    expect(breaker.admit(0)).toBe('no')
    expect(transitions).toEqual([{ from: 'closed', to: 'open', why: 'consecutive' }])
  })

  it('opens when half of a large enough window failed', () => {
    const { breaker, transitions } = aBreaker()
    for (let i = 0; i < 19; i++) breaker.record(i, i % 2 === 0, false)
    expect(breaker.state).toBe('closed')
    breaker.record(19, false, false)
    expect(transitions.at(-1)).toMatchObject({ to: 'open', why: 'rate' })
  })

  it('forgets what is older than its window', () => {
    const { breaker } = aBreaker()
    for (let i = 0; i < 12; i++) breaker.record(0, i % 3 === 0, false)
    for (let i = 0; i < 12; i++) breaker.record(11_000, i % 3 !== 1, false)
    expect(breaker.state).toBe('closed')
  })

  it('lets exactly one request find out when it has waited long enough', () => {
    const { breaker, fail } = aBreaker()
    fail(0, 5)
    expect(breaker.admit(999)).toBe('no')
    expect(breaker.waitMs(400)).toBe(600)
    expect(breaker.admit(1_000)).toBe('probe')
    expect([breaker.admit(1_000), breaker.admit(5_000)]).toEqual(['no', 'no'])
    expect(breaker.state).toBe('half-open')
  })

  it('lets the next one find out when the first told nothing', () => {
    const { breaker, fail } = aBreaker()
    fail(0, 5)
    expect(breaker.admit(1_000)).toBe('probe')
    breaker.abandon()
    expect(breaker.admit(1_001)).toBe('probe')
  })

  it('stays open twice as long after each failed probe, up to a minute', () => {
    const { breaker, fail } = aBreaker()
    fail(0, 5)
    let now = 0
    const waits: number[] = []
    for (let i = 0; i < 8; i++) {
      waits.push(breaker.waitMs(now))
      now += breaker.waitMs(now)
      expect(breaker.admit(now)).toBe('probe')
      breaker.record(now, false, true)
    }
    expect(waits).toEqual([1_000, 2_000, 4_000, 8_000, 16_000, 32_000, 60_000, 60_000])
  })

  it('shortens its wait by up to a fifth, so that agents do not ask all at once', () => {
    const { breaker, fail } = aBreaker(() => 0)
    fail(0, 5)
    expect(breaker.waitMs(0)).toBe(800)
  })

  it('lets traffic back slowly after a probe that succeeded', () => {
    const { breaker, transitions, fail } = aBreaker(() => 0.5)
    fail(0, 5)
    breaker.admit(1_000)
    breaker.record(1_000, true, true)
    expect(transitions.at(-1)).toEqual({ from: 'half-open', to: 'closed', why: 'probe-succeeded' })
    expect(breaker.admit(1_100)).toBe('slow')
    expect(breaker.admit(6_900)).toBe('go')
    expect(breaker.admit(11_000)).toBe('go')
  })

  it('goes on doubling when it opens again during slow start, and starts over once that is done', () => {
    const { breaker, fail } = aBreaker()
    fail(0, 5)
    breaker.admit(1_000)
    breaker.record(1_000, true, true)
    fail(2_000, 5)
    expect(breaker.waitMs(2_000)).toBe(2_000)
    breaker.admit(4_000)
    breaker.record(4_000, true, true)
    breaker.admit(14_000)
    fail(14_000, 5)
    expect(breaker.waitMs(14_000)).toBe(1_000)
  })

  it('learns nothing from requests that were sent before it opened', () => {
    const { breaker, fail } = aBreaker()
    fail(0, 5)
    breaker.admit(1_000)
    breaker.record(1_000, true, false)
    breaker.record(1_000, false, false)
    expect(breaker.state).toBe('half-open')
  })
})
