import { expect, it } from 'vitest'
import { chosenSeed, fuzz } from './fuzz-run.ts'

const seed = chosenSeed(process.env['CROSSFADE_FUZZ_SEED'])
const count = Number(process.env['CROSSFADE_FUZZ'] ?? 150_000)

it('stays in step over 200 000 inputs, and does not grow', async () => {
  const { inputs, grownMb } = await fuzz({
    seed,
    requests: count,
    cutEvery: 1,
    answers: Math.ceil(count / 3),
  })
  expect(inputs).toBeGreaterThanOrEqual(count)
  expect(grownMb).toBeLessThan(48)
}, 900_000)
