import { manualClock } from '@crossfade/testkit/manual-clock'
import { expect, it } from 'vitest'
import { quiet } from '../config/configuration-rig.ts'
import { createRevokedGrace } from './revoked-grace.ts'

async function rig(graceMs: number | null, revokedAt: number | null = null) {
  const clock = manualClock(1_000_000)
  const state = { revokedAt, cutOffs: 0 }
  const grace = createRevokedGrace({
    graceMs,
    finishMs: 5_000,
    revokedAt: () => state.revokedAt,
    cutOff: () => void state.cutOffs++,
    clock,
    logger: quiet,
  })
  await grace.start()
  return { clock, state, grace }
}

it('AG-04: without a grace a revoked agent serves on for ever', async () => {
  const { clock, state, grace } = await rig(null)
  state.revokedAt = clock.now()
  for (let day = 0; day < 30; day++) await clock.advanceAsync(24 * 3_600_000)
  expect([grace.hasStopped(), state.cutOffs]).toEqual([false, 0])
  await grace.stop()
})

it('AG-04: stops when its time is over, lets what is under way finish, and cuts off the rest once', async () => {
  const { clock, state, grace } = await rig(60_000)
  await clock.advanceAsync(120_000)
  expect(grace.hasStopped()).toBe(false)
  state.revokedAt = clock.now()
  await clock.advanceAsync(59_000)
  expect(grace.hasStopped()).toBe(false)
  await clock.advanceAsync(1_000)
  expect([grace.hasStopped(), state.cutOffs]).toEqual([true, 0])
  await clock.advanceAsync(5_000)
  expect(state.cutOffs).toBe(1)
  await clock.advanceAsync(60_000)
  expect(state.cutOffs).toBe(1)
  await grace.stop()
})

it('AG-04: a restarted agent whose time was over serves nothing from the start', async () => {
  const { grace } = await rig(60_000, 1_000_000 - 60_000)
  expect(grace.hasStopped()).toBe(true)
  await grace.stop()
})

it('AG-04: let in again it serves, and nobody is cut off any more', async () => {
  const { clock, state, grace } = await rig(60_000)
  state.revokedAt = clock.now()
  await clock.advanceAsync(60_000)
  expect(grace.hasStopped()).toBe(true)
  state.revokedAt = null
  await clock.advanceAsync(1_000)
  expect(grace.hasStopped()).toBe(false)
  await clock.advanceAsync(60_000)
  expect(state.cutOffs).toBe(0)
  await grace.stop()
})
