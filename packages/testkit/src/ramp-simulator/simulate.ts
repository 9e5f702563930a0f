import { seededRandom } from '../seeded-random.ts'
import { chanceFrom } from './chance.ts'
import { randomScenario, WEEK } from './scenario.ts'
import { Simulation, type Summary } from './simulation.ts'

/** Runs with the seeds `seed`, `seed + 1`, …; a property that does not hold throws with the seed that shows it. */
export function simulateRamps(runs: number, seed: number): Summary[] {
  return Array.from({ length: runs }, (_, run) => {
    const chance = chanceFrom(seededRandom(seed + run))
    try {
      return new Simulation(randomScenario(chance), chance).run(WEEK)
    } catch (error) {
      throw new Error(`seed ${seed + run}: ${String(error)}`, { cause: error })
    }
  })
}
