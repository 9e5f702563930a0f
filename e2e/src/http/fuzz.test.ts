import { chosenSeed } from '@crossfade/testkit/seeded-random'
import { expect, it } from 'vitest'
import { fuzz } from './fuzz-run.ts'

const seed = chosenSeed(process.env['CROSSFADE_FUZZ_SEED'], 1_437_310_743)
const count = Number(process.env['CROSSFADE_FUZZ'] ?? 1_500)

it('stays in step with clients and services whatever bytes they send', async () => {
  const { inputs } = await fuzz({ seed, requests: count, cutEvery: 97, answers: Math.ceil(count / 5) })
  expect(inputs).toBeGreaterThan(count)
}, 120_000)
