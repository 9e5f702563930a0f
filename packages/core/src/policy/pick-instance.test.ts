import { describe, expect, it } from 'vitest'
import { freshInstance } from './outlier.ts'
import { pickInstance, weightOf } from './pick-instance.ts'

const one = (name: string, inFlight: number, more: Partial<ReturnType<typeof freshInstance>> = {}) => ({
  name,
  inFlight,
  health: { ...freshInstance(), ...more },
})
const pick = (...args: Parameters<typeof pickInstance<ReturnType<typeof one>>>) => pickInstance(...args)?.name

describe('picking an instance', () => {
  it('takes the one with the fewest requests under way', () => {
    expect(pick([one('a', 2), one('b', 1), one('c', 3)], 0, 0, 0)).toBe('b')
  })

  it('lets equally idle ones take turns', () => {
    const all = [one('a', 0), one('b', 0), one('c', 0)]
    expect([0, 0.4, 0.99].map((start) => pick(all, 0, start, 0))).toEqual(['a', 'b', 'c'])
  })

  it('leaves out what is unhealthy or ejected, unless everything is', () => {
    expect(pick([one('a', 0, { checked: false }), one('b', 9)], 0, 0, 0)).toBe('b')
    expect(pick([one('a', 0, { ejectedUntil: 10 }), one('b', 9)], 5, 0, 0)).toBe('b')
    expect(pick([one('a', 0, { checked: false }), one('b', 9, { ejectedUntil: 10 })], 5, 0, 0)).toBe('a')
  })

  it('takes another than the one that just failed, if there is one', () => {
    const all = [one('a', 0), one('b', 5, { checked: false })]
    expect(pick(all, 0, 0, 0, all[0])).toBe('b')
    expect(pick([all[0]!], 0, 0, 0, all[0])).toBe('a')
  })

  it('gives an instance that came back little at first', () => {
    const back = one('back', 0, { backSince: 1_000 })
    expect([1_000, 2_000, 6_000, 11_000].map((now) => weightOf(back.health, now, 10_000))).toEqual([
      0.1, 0.1, 0.5, 1,
    ])
    expect(pick([back, one('b', 3)], 2_000, 0, 10_000)).toBe('b')
    expect(pick([back, one('b', 3)], 6_000, 0, 10_000)).toBe('back')
  })

  it('says so when there is none', () => {
    expect(pick([], 0, 0, 0)).toBeUndefined()
  })
})
