import { describe, expect, it } from 'vitest'
import { percentOfShare, percentSchema, shareOfPercent } from './percent.ts'

describe('a percentage', () => {
  it('is any whole number of basis points, and comes back as it was', () => {
    for (let share = 0; share <= 10_000; share++) {
      const percent = percentOfShare(share)
      expect(percentSchema.safeParse(percent).success).toBe(true)
      expect(percentSchema.safeParse(Number((share / 100).toFixed(2))).success).toBe(true)
      expect(shareOfPercent(percent)).toBe(share)
    }
  })

  it('may be the sum of others, as floating point has it', () => {
    expect(shareOfPercent(percentSchema.parse(0.1 + 0.2))).toBe(30)
    expect(shareOfPercent(percentSchema.parse(1.1 * 3))).toBe(330)
  })

  it.each([12.345, 1e-3, 1e-9, 99.999999999, 50.000000001, -0.01, 100.01, 101, NaN, Infinity, '10', null])(
    'is not %s',
    (value) => {
      expect(percentSchema.safeParse(value).success).toBe(false)
    },
  )
})
