import { afterEach, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { apiClient } from 'crossfade/api-client'
import { client } from './harness/client.ts'
import { adminToken } from './harness/house.ts'
import { until } from './harness/program.ts'
import { steadyLoad } from './harness/steady-load.ts'
import { bookPath, openScene, restartControlPlane, type Scene } from './harness/scene.ts'

let scene: Scene | null = null
afterEach(async () => {
  await scene?.close()
  scene = null
})

async function counted(of: Scene): Promise<number> {
  const { legacy, new: replacement } = await of.call.series(of.mapping.id)
  return [...legacy, ...replacement].reduce((sum, point) => sum + point.requests, 0)
}

describe('with the control plane killed under load', () => {
  it('(i) fails no request, lets a restarted agent decide as before, and counts the outage once afterwards', async () => {
    scene = await openScene()
    const here = scene
    const { revision } = await here.call.share(here.mapping.id, 50)
    await here.call.live(revision, 'one', 'two')

    const load = steadyLoad(here)
    await until('first numbers', async () => (await counted(here)) > 0)
    await here.controlPlane.program.kill('SIGKILL')
    await new Promise((resolve) => setTimeout(resolve, 3_000))
    const { requests, failures } = await load.stop()
    expect(failures).toEqual([])

    const [, two] = here.agents
    if (two === undefined) throw new Error('Two agents expected')

    const fresh = client()
    const again = await fresh.ask(`${here.agents[0].url}${bookPath}`, { headers: { cookie: 'uid=still' } })
    expect(again.status).toBe(200)

    await restartControlPlane(here)
    await until('all requests counted', async () => (await counted(here)) === requests + 1)
    await new Promise((resolve) => setTimeout(resolve, 2_000))
    expect(await counted(here)).toBe(requests + 1)

    await here.controlPlane.program.kill('SIGKILL')
    await two.program.kill('SIGKILL')
    const reborn = await here.house.startAgent('two', here.agentEnv, two)
    for (let reader = 0; reader < 50; reader++) {
      const asked = { headers: { cookie: `uid=${reader}` } }
      const [there, before] = await Promise.all(
        [reborn, here.agents[0]].map(({ url }) => fresh.ask(url + bookPath, asked)),
      )
      expect([there?.status, there?.servedBy]).toEqual([200, before?.servedBy])
    }
    fresh.close()
  })

  it('rolls back on an agent by its admin port, keeps it over a restart, and audits it late', async () => {
    scene = await openScene({ agents: ['one'] })
    const here = scene
    const { revision } = await here.call.share(here.mapping.id, 100)
    await here.call.live(revision, 'one')
    await here.controlPlane.program.kill('SIGKILL')

    const fresh = client()
    const served = async (url: string) =>
      (await fresh.ask(url + bookPath, { headers: { cookie: 'uid=a' } })).servedBy
    expect(await served(here.agents[0].url)).toBe('new')

    const admin = apiClient({ kind: 'url', url: here.agents[0].adminUrl, token: adminToken })
    await admin.call('POST', '/rollback', z.unknown(), {
      body: { names: ['chapter'], by: 'Sam', reason: 'on fire' },
    })
    expect(await served(here.agents[0].url)).toBe('legacy')

    await here.agents[0].program.kill('SIGKILL')
    const reborn = await here.house.startAgent('one', here.agentEnv, here.agents[0])
    expect(await served(reborn.url)).toBe('legacy')

    await restartControlPlane(here)
    const recorded = await until('the emergency in the audit trail', async () =>
      (await here.call.changes()).find(({ act }) => act === 'agent.emergency'),
    )
    expect(recorded).toMatchObject({ reason: 'on fire', source: 'agent' })
    expect(await served(reborn.url)).toBe('legacy')
    const [view] = await here.call.agents()
    expect(view?.emergencies).toHaveLength(1)
    fresh.close()
  })

  it('(i) starts a new agent from a bootstrap file', async () => {
    scene = await openScene({ agents: ['one'] })
    const here = scene
    const { revision } = await here.call.share(here.mapping.id, 100)
    await here.call.live(revision, 'one')
    const { writeFile } = await import('node:fs/promises')
    const file = `${here.house.folder}/bootstrap.json`
    const snapshot = await here.controlPlane.api.call(
      'GET',
      '/api/v1/snapshot?environmentId=default',
      z.unknown(),
    )
    await writeFile(file, JSON.stringify(snapshot))
    await here.controlPlane.program.kill('SIGKILL')

    const newcomer = await here.house.startAgent('newcomer', { ...here.agentEnv, CROSSFADE_BOOTSTRAP: file })
    const fresh = client()
    const answer = await fresh.ask(newcomer.url + bookPath, { headers: { cookie: 'uid=a' } })
    expect(answer.servedBy).toBe('new')
    fresh.close()
  })
})

describe('with the control plane killed right after it acknowledged a change', () => {
  it('still has the change on PGlite', async () => {
    scene = await openScene({ agents: ['one'] })
    const { revision } = await scene.call.share(scene.mapping.id, 37.5)
    await scene.controlPlane.program.kill('SIGKILL')
    await restartControlPlane(scene)
    expect((await scene.call.showMapping(scene.mapping.id)).split.percent).toBe(37.5)
    await scene.call.live(revision, 'one')
  })
})
