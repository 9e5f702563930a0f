import { expect, it } from 'vitest'
import { killAgainAndAgain } from './agent-killed.ts'

it('CFG-08: serves the last snapshot it said was on disk, or a newer one, after being killed at any moment', async () => {
  await expect(killAgainAndAgain(8, Math.floor(Math.random() * 2 ** 32))).resolves.toBeUndefined()
})
