import { expect, it } from 'vitest'
import { loadWithFaults, unexplainedIn } from './load-with-faults.ts'

it('mixes up nothing under load with faults, changes and restarts, for a few seconds', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const report = await loadWithFaults({ ms: 8_000, requests: 100_000, seed })
  console.log(JSON.stringify(report))
  expect(report.wrong, `seed ${seed}`).toEqual([])
  expect(report.answered).toBeGreaterThan(report.requests * 0.5)
  expect(report.failed, `seed ${seed}`).toBeLessThan(report.requests * 0.2)
  expect(unexplainedIn(report), `seed ${seed}`).toBeLessThan(report.requests * 0.01)
  expect(report.revisions).toBeGreaterThan(10)
  expect(report.restarts).toBeGreaterThan(0)
})
