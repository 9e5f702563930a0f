import { describe, expect, it } from 'vitest'
import { checkSplit, type SplitTraffic } from './split-check.ts'

const traffic = (parts: Partial<SplitTraffic>): SplitTraffic => ({
  steered: { legacy: 0, new: 0 },
  missing: 0,
  bucketed: { legacy: 0, new: 0 },
  identities: null,
  ...parts,
})

describe('asked, expected and measured share (rule 18)', () => {
  it.each([
    ['as asked', { legacy: 9_000, new: 1_000 }, false],
    ['off by chance', { legacy: 9_050, new: 950 }, false],
    ['beyond chance', { legacy: 9_200, new: 800 }, true],
    ['beyond chance, but too few', { legacy: 40, new: 0 }, false],
  ])('of requests: %s', (_what, bucketed, alarm) => {
    expect(checkSplit(1_000, traffic({ bucketed }), false).alarm).toBe(alarm)
  })

  it('of identities, however many requests one of them makes', () => {
    const bucketed = { legacy: 9_000, new: 9_000 }
    const sticky = (error: number, fresh: number) =>
      checkSplit(1_000, traffic({ bucketed, identities: { legacy: 9_000, new: fresh, error } }), true).alarm
    expect(sticky(0, 1_000)).toBe(false)
    expect(sticky(0, 1_300)).toBe(true)
    // Estimates that are off by some percent prove less.
    expect(sticky(0.06, 1_200)).toBe(false)
  })

  it('expected counts what segments, forced sides and missing identities do', () => {
    const check = checkSplit(
      1_000,
      traffic({ steered: { legacy: 100, new: 300 }, missing: 600, bucketed: { legacy: 8_100, new: 900 } }),
      false,
    )
    expect(check).toMatchObject({ asked: 1_000, expected: 0.12, measured: 0.12, alarm: false })
    expect(check.words).toBe('Asked 10 %, expected 12 % of all traffic, measured 12 %, from 9 000 requests')
  })

  it('0 and 100 % leave nothing to chance', () => {
    const bucketed = { legacy: 999, new: 1 }
    expect(checkSplit(0, traffic({ bucketed }), false).alarm).toBe(true)
    expect(checkSplit(10_000, traffic({ bucketed }), false).alarm).toBe(true)
    expect(checkSplit(0, traffic({}), false)).toMatchObject({
      alarm: false,
      words: 'Asked 0 %; no traffic yet',
    })
  })
})
