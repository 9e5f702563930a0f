import { assert, integer, property } from 'fast-check'
import { describe, expect, it } from 'vitest'
import { percentAfterKey, percentAt, positionOf, toMark } from './share-scale.ts'

describe('the stretched track', () => {
  it('gives the first five per cent almost a third', () => {
    expect(positionOf(0)).toBe(0)
    expect(positionOf(5)).toBeCloseTo(0.3)
    expect(positionOf(100)).toBe(1)
  })

  it('finds every step of a hand again where it is drawn', () => {
    assert(
      property(integer({ min: 0, max: 50 }), (tenths) => percentAt(positionOf(tenths / 10)) === tenths / 10),
    )
    assert(property(integer({ min: 6, max: 100 }), (percent) => percentAt(positionOf(percent)) === percent))
  })

  it('stays inside when the pointer leaves it', () => {
    expect(percentAt(-3)).toBe(0)
    expect(percentAt(4)).toBe(100)
  })
})

describe('marks', () => {
  it('catch a handle that is near, and only then', () => {
    expect(toMark(26)).toBe(25)
    expect(toMark(30)).toBe(30)
    expect(toMark(0.1)).toBe(0)
  })
})

describe('keys', () => {
  it('move by one, by a tenth with shift, and by ten', () => {
    expect(percentAfterKey(10, 'ArrowRight', false)).toBe(11)
    expect(percentAfterKey(10.2, 'ArrowUp', true)).toBe(10.3)
    expect(percentAfterKey(10, 'PageDown', false)).toBe(0)
    expect(percentAfterKey(95, 'PageUp', false)).toBe(100)
    expect(percentAfterKey(12.34, 'ArrowLeft', true)).toBe(12.24)
  })

  it('reach both ends and leave other keys alone', () => {
    expect(percentAfterKey(10, 'Home', false)).toBe(0)
    expect(percentAfterKey(10, 'End', false)).toBe(100)
    expect(percentAfterKey(10, 'a', false)).toBeNull()
  })
})
