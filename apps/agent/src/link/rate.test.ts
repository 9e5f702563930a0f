import { manualClock } from '@crossfade/testkit/manual-clock'
import { expect, it } from 'vitest'
import { createRate } from './rate.ts'

it('is what was added since the last reading, per second', () => {
  const clock = manualClock()
  let count = 100
  const rate = createRate(clock, () => count)
  clock.advance(10_000)
  count += 25
  expect(rate()).toBe(2.5)
  clock.advance(1000)
  expect(rate()).toBe(0)
})
