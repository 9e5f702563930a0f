import { aWindow } from '@crossfade/testkit/evidence-builders'
import { describe, expect, it } from 'vitest'
import { legacyIsWorse } from './legacy-health.ts'

describe('legacy in worse health (rule 17)', () => {
  it.each([
    ['both well', [1_000, 5], [1_000, 5], false],
    ['new worse', [1_000, 5], [1_000, 500], false],
    ['both down', [1_000, 990], [1_000, 990], false],
    ['legacy down', [1_000, 900], [1_000, 100], true],
    ['legacy a little worse, by chance', [1_000, 12], [1_000, 8], false],
    ['legacy worse, but by less than a point', [100_000, 1_500], [100_000, 1_000], false],
    ['too few requests to tell', [10, 10], [10, 0], false],
    ['nobody on new', [1_000, 900], [0, 0], false],
  ] as const)('%s', (_what, legacy, fresh, worse) => {
    const window = aWindow(
      0,
      { requests: legacy[0], errors: legacy[1] },
      { requests: fresh[0], errors: fresh[1] },
    )
    expect(legacyIsWorse([window], null) !== null).toBe(worse)
  })

  it('a legacy that is not there at all is worse, whatever was counted', () => {
    expect(legacyIsWorse([], 'no instance of legacy is healthy')).toBe('no instance of legacy is healthy')
  })

  it('is told in numbers', () => {
    const window = aWindow(0, { requests: 100, errors: 40 }, { requests: 100, errors: 2 })
    expect(legacyIsWorse([window], null)).toBe("40 % of legacy's requests fail, 2 % of new's")
  })
})
