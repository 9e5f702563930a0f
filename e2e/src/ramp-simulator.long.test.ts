import { simulateRamps } from '@crossfade/testkit/ramp-simulator/simulate'
import { expect, it } from 'vitest'

/**
 * A thousand random plans, each through up to a week of traffic, faults, hands and crashes (packages/testkit/src/
 * ramp-simulator says what must hold). Another seed every day, printed so that a failure can be repeated.
 */
it('a thousand random ramps keep to their plan', { timeout: 1_800_000 }, () => {
  const seed = Math.floor(Date.now() / 86_400_000) * 1_000
  process.stdout.write(`ramp simulator: seeds ${seed} to ${seed + 999}\n`)
  const summaries = simulateRamps(1_000, seed)
  const endings = new Set(summaries.map(({ ending }) => ending))
  expect([...endings]).toEqual(expect.arrayContaining(['complete', 'rolled-back', 'below-100', 'running']))
  expect(summaries.some(({ lostRaces }) => lostRaces > 0)).toBe(true)
  // The error budget of each is 1 %, and they are not at their limits.
  expect(summaries.filter(({ falselyRolledBack }) => falselyRolledBack).length).toBeLessThan(10)
})
