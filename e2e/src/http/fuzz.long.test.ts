import { chosenSeed } from '@crossfade/testkit/seeded-random'
import { expect, it } from 'vitest'
import { fuzz } from './fuzz-run.ts'

const seed = chosenSeed(process.env['CROSSFADE_FUZZ_SEED'], 1_437_310_743)
const count = Number(process.env['CROSSFADE_FUZZ'] ?? 150_000)

it('stays in step over 200 000 inputs, and does not grow', async () => {
  const { inputs, grownMb } = await fuzz({
    seed,
    requests: count,
    cutEvery: 1,
    answers: Math.ceil(count / 3),
  })
  expect(inputs).toBeGreaterThanOrEqual(count)
  // Garbage not collected yet counts, and so do numbers that wait ten minutes for a control plane that is not there.
  expect(grownMb).toBeLessThan(96)
}, 900_000)
