import { describe, expect, it } from 'vitest'
import { RetryBudget } from './retry-budget.ts'

describe('a retry budget', () => {
  it('allows a few retries per second, whatever the traffic', () => {
    const budget = new RetryBudget({ budgetPercent: 20, minPerSecond: 2 })
    expect([budget.take(0), budget.take(0), budget.take(0)]).toEqual([true, true, false])
    expect(budget.take(500)).toBe(true)
  })

  it('allows its part of the requests beside them', () => {
    const budget = new RetryBudget({ budgetPercent: 20, minPerSecond: 0 })
    let retries = 0
    for (let i = 0; i < 1_000; i++) {
      budget.requested()
      if (budget.take(i)) retries += 1
    }
    expect(retries).toBeGreaterThan(190)
    expect(retries).toBeLessThanOrEqual(200)
  })

  it('adds at most a fifth and ten a second to a service that fails everything', () => {
    const budget = new RetryBudget({ budgetPercent: 20, minPerSecond: 10 })
    let retries = 0
    for (let ms = 0; ms < 10_000; ms++) {
      budget.requested()
      if (budget.take(ms)) retries += 1
    }
    expect(retries).toBeLessThanOrEqual(2_000 + 10 * 11)
  })

  it('does not save up while nothing happens', () => {
    const budget = new RetryBudget({ budgetPercent: 20, minPerSecond: 3 })
    budget.take(0)
    const later = Array.from({ length: 10 }, () => budget.take(3_600_000))
    expect(later.filter(Boolean)).toHaveLength(3)
  })
})
