import { expect, it } from 'vitest'
import { chosenSeed, fuzz } from './fuzz-run.ts'

const seed = chosenSeed(process.env['CROSSFADE_FUZZ_SEED'])
const count = Number(process.env['CROSSFADE_FUZZ'] ?? 1_500)

it('stays in step with clients and services whatever bytes they send', async () => {
  const { inputs } = await fuzz({ seed, requests: count, cutEvery: 97, answers: Math.ceil(count / 5) })
  expect(inputs).toBeGreaterThan(count)
}, 120_000)
