import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { client, inParallel, type Client } from './harness/client.ts'
import { bookPath, openScene, type Scene } from './harness/scene.ts'

let scene: Scene
let browser: Client

beforeAll(async () => {
  scene = await openScene()
  browser = client()
})

afterAll(async () => {
  browser.close()
  await scene.close()
})

/** Who is served by new, of so many readers, asked through one agent. */
async function onNew(agentUrl: string, readers = 400): Promise<Set<number>> {
  const found = new Set<number>()
  await inParallel(16, Array(readers).keys(), async (reader) => {
    const { servedBy } = await browser.ask(agentUrl + bookPath, {
      headers: { cookie: `uid=reader-${reader}` },
    })
    if (servedBy === 'new') found.add(reader)
  })
  return found
}

describe('while a share rises', () => {
  it('moves nobody back, and both agents agree, also one that was restarted', async () => {
    let before = new Set<number>()
    const [one] = scene.agents
    let [, two] = scene.agents
    for (const percent of [1, 5, 12.5, 40, 75, 100]) {
      const { revision } = await scene.call.share(scene.mapping.id, percent)
      await scene.call.live(revision, 'one', 'two')
      if (percent === 12.5 && two !== undefined) {
        await two.program.kill('SIGKILL')
        two = await scene.house.startAgent('two', scene.agentEnv, two)
        await scene.call.live(revision, 'one', 'two')
      }
      const now = await onNew(one.url)
      expect(await onNew(two?.url ?? '')).toEqual(now)
      expect(before.difference(now)).toEqual(new Set())
      before = now
    }
    expect(before.size).toBe(400)
  })

  it('(a) 1 000 users, 10 -> 20 -> 10: moves the latest joiners back first when it falls', async () => {
    const at = async (percent: number) => {
      const { revision } = await scene.call.share(scene.mapping.id, percent)
      await scene.call.live(revision, 'one', 'two')
      return onNew(scene.agents[0].url, 1_000)
    }
    const ten = await at(10)
    const twenty = await at(20)
    expect(ten.difference(twenty)).toEqual(new Set())
    expect(await at(10)).toEqual(ten)
  })

  it('(b) two agents, one restarted: decide 10 000 keys alike', async () => {
    const { revision } = await scene.call.share(scene.mapping.id, 37.5)
    await scene.call.live(revision, 'one', 'two')
    const [one, two] = scene.agents
    const before = await onNew(one.url, 10_000)
    expect(before.size).toBeGreaterThan(3_000)
    await two?.program.kill('SIGKILL')
    const again = await scene.house.startAgent('two', scene.agentEnv, two)
    expect(await onNew(again.url, 10_000)).toEqual(before)
  })
})
