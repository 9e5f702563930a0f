import { expect, it } from 'vitest'
import { loadWithFaults, unexplainedIn } from './load-with-faults.ts'

it('mixes up nothing under load with faults, changes and restarts, for a minute, with flat memory', async () => {
  const seed = Math.floor(Math.random() * 2 ** 31)
  const report = await loadWithFaults({ ms: 60_000, requests: 2_000_000, seed, concurrency: 64 })
  console.log(JSON.stringify(report))
  expect(report.wrong, `seed ${seed}`).toEqual([])
  expect(report.answered).toBeGreaterThan(5_000)
  expect(unexplainedIn(report), `seed ${seed}`).toBeLessThan(report.requests * 0.01)
  const { warm, end } = report.memory
  expect(end.heap).toBeLessThan(warm.heap + 20)
  expect(end.resident).toBeLessThan(warm.resident + 80)
}, 180_000)
