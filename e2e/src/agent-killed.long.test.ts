import { expect, it } from 'vitest'
import { killAgainAndAgain } from './agent-killed.ts'

it('CFG-08: survives being killed at two hundred moments', async () => {
  await expect(killAgainAndAgain(200, Math.floor(Math.random() * 2 ** 32))).resolves.toBeUndefined()
}, 900_000)
