import { expect, it } from 'vitest'
import { simulateRamps } from './simulate.ts'

/** A thousand are in e2e/src/ramp-simulator.long.test.ts. */
it(
  'eight random ramps with faults and crashes keep to their plan, and cover what can happen',
  {
    timeout: 60_000,
  },
  () => {
    const summaries = simulateRamps(8, 68)
    const endings = new Set(summaries.map(({ ending }) => ending))
    expect([...endings]).toEqual(expect.arrayContaining(['complete', 'rolled-back', 'below-100']))
    expect(summaries.some(({ crashes }) => crashes > 0)).toBe(true)
    expect(summaries.filter(({ falselyRolledBack }) => falselyRolledBack)).toEqual([])
  },
)
