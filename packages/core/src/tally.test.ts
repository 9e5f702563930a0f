import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { addTally, emptyTally, errorsOf, type Tally } from './tally.ts'

const count = fc.nat({ max: 1_000_000 })
const tallies: fc.Arbitrary<Tally> = fc.record({
  requests: count,
  statuses: fc.tuple(count, count, count, count, count),
  failures: fc.record({
    connect: count,
    timeout: count,
    reset: count,
    protocol: count,
    'client-closed': count,
    tls: count,
  }),
  fallbacks: count,
  breakerOpenings: count,
  retries: count,
  bytesIn: count,
  bytesOut: count,
})

describe('tallies', () => {
  it('add up the same in any order', () => {
    fc.assert(
      fc.property(tallies, tallies, tallies, (a, b, c) => {
        expect(addTally(a, b)).toEqual(addTally(b, a))
        expect(addTally(addTally(a, b), c)).toEqual(addTally(a, addTally(b, c)))
        expect(addTally(a, emptyTally())).toEqual(a)
      }),
    )
  })

  it('count 5xx answers, timeouts, connection and protocol failures as errors, and nothing else', () => {
    const tally: Tally = {
      ...emptyTally(),
      requests: 100,
      statuses: [1, 2, 4, 8, 16],
      failures: { connect: 1, timeout: 2, reset: 3, protocol: 4, 'client-closed': 5, tls: 6 },
    }
    expect(errorsOf(tally)).toBe(16 + 1 + 2 + 3 + 4 + 6)
  })

  it('never count more errors than requests', () => {
    const brokenOff = { ...emptyTally(), requests: 1, statuses: [0, 0, 0, 0, 1] as const }
    expect(errorsOf({ ...brokenOff, failures: { ...brokenOff.failures, reset: 1 } })).toBe(1)
  })
})
