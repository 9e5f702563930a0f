import * as fc from 'fast-check'
import { describe, expect, it } from 'vitest'
import { allowed, closest, logEvidence } from './two-sample-test.ts'

const rate = fc.double({ min: 0.001, max: 0.999, noNaN: true })
const claims = fc.record({
  factor: fc.double({ min: 1, max: 3, noNaN: true }),
  plus: fc.double({ min: 0, max: 0.2, noNaN: true }),
})

function binomial(n: number, k: number, p: number): number {
  let ways = 1
  for (let i = 0; i < k; i++) ways = (ways * (n - i)) / (i + 1)
  return ways * p ** k * (1 - p) ** (n - k)
}

describe('the e-value of a block', () => {
  it('expects at most 1 whenever new keeps within the claim, whatever the rates, the bet and the sizes', () => {
    const size = fc.integer({ min: 1, max: 8 })
    fc.assert(
      fc.property(claims, rate, rate, rate, rate, size, size, (claim, a, part, betA, betB, na, nb) => {
        const b = allowed(claim, a) * part
        let expectation = 0
        for (let i = 0; i <= na; i++)
          for (let j = 0; j <= nb; j++) {
            const seen = [
              { bad: i, all: na },
              { bad: j, all: nb },
            ] as const
            const chance = binomial(na, i, a) * binomial(nb, j, b)
            expectation += chance * Math.exp(logEvidence(claim, { a: betA, b: betB }, ...seen))
          }
        expect(expectation).toBeLessThanOrEqual(1 + 1e-6)
      }),
    )
  })

  it('wins on average when new is as bad as the bet', () => {
    const claim = { factor: 1.1, plus: 0 }
    const bet = { a: 0.1, b: 0.4 }
    let won = 0
    for (let i = 0; i <= 10; i++)
      for (let j = 0; j <= 10; j++) {
        const chance = binomial(10, i, bet.a) * binomial(10, j, bet.b)
        won += chance * logEvidence(claim, bet, { bad: i, all: 10 }, { bad: j, all: 10 })
      }
    expect(won).toBeGreaterThan(0.5)
  })

  it('says nothing without requests on new', () => {
    expect(
      logEvidence({ factor: 1, plus: 0 }, { a: 0.1, b: 0.5 }, { bad: 3, all: 9 }, { bad: 0, all: 0 }),
    ).toBe(0)
  })
})

it('the closest rates are allowed, and leave the larger side almost where it was', () => {
  const claim = { factor: 1, plus: 0 }
  const { a, b } = closest(claim, { a: 0.1, b: 0.3 }, 900, 100)
  expect(b).toBeCloseTo(allowed(claim, a), 6)
  expect(a).toBeCloseTo((0.1 * 900 + 0.3 * 100) / 1_000, 5)
  expect(closest(claim, { a: 0.3, b: 0.1 }, 900, 100)).toEqual({ a: 0.3, b: 0.1 })
})
