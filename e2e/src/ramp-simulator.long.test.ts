import { simulateRamps } from '@crossfade/testkit/ramp-simulator/simulate'
import { chosenSeed } from '@crossfade/testkit/seeded-random'
import { expect, it } from 'vitest'

/**
 * A thousand random plans, each through up to a week of traffic, faults, hands and crashes (packages/testkit/src/
 * ramp-simulator says what must hold). `CROSSFADE_RAMP_SEED` repeats a run, or looks for news with `random`.
 */
it('a thousand random ramps keep to their plan', { timeout: 1_800_000 }, () => {
  const seed = chosenSeed(process.env['CROSSFADE_RAMP_SEED'], 20_778_000)
  process.stdout.write(`ramp simulator: seeds ${seed} to ${seed + 999}\n`)
  const summaries = simulateRamps(1_000, seed)
  const endings = new Set(summaries.map(({ ending }) => ending))
  expect([...endings]).toEqual(expect.arrayContaining(['complete', 'rolled-back', 'below-100', 'running']))
  expect(summaries.some(({ lostRaces }) => lostRaces > 0)).toBe(true)
  // The error budget of each is 1 %, and they are not at their limits.
  expect(summaries.filter(({ falselyRolledBack }) => falselyRolledBack).length).toBeLessThan(10)
})
