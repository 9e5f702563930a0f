import { afterEach, describe, expect, it } from 'vitest'
import { startPostgres } from '@crossfade/testkit/postgres'
import { databaseEnv, hasPostgres } from './harness/database.ts'
import { verbs, type Agent } from './harness/house.ts'
import { until } from './harness/program.ts'
import { bookPath, openScene, type Scene } from './harness/scene.ts'

const canRunReplicas = hasPostgres('the tests of agents revoked by another replica')
const withinMs = 5_000
let scene: Scene
let cleanUp: () => Promise<void> = async () => {}
afterEach(async () => {
  await scene.close()
  await cleanUp()
  cleanUp = async () => {}
})

const ask = async ({ url }: Agent) => {
  const answer = await fetch(url + bookPath, { headers: { cookie: 'uid=a' } })
  const text = await answer.text()
  return { status: answer.status, text }
}
const logged = ({ program }: Agent, text: string) => program.output().split(text).length - 1
const readiness = async ({ adminUrl }: Agent) => (await fetch(`${adminUrl}/readyz?verbose`)).text()

/** Ends when the agent itself has noticed that its link was closed for that, within the time that is promised. */
async function thrownOut(agent: Agent, since: number): Promise<void> {
  await until(`${agent.name} thrown out`, () => logged(agent, 'has revoked this agent') > 0, withinMs)
  expect(performance.now() - since).toBeLessThan(withinMs)
}

describe('a revoked agent', () => {
  it('AG-04: loses its link within 5 s and stays out; it serves on, or stops when its time is over', async () => {
    scene = await openScene({ agents: ['bystander'] })
    const [bystander] = scene.agents
    const faithful = await scene.house.startAgent('faithful', scene.agentEnv)
    const graced = await scene.house.startAgent('graced', { ...scene.agentEnv, CROSSFADE_REVOKED_GRACE: '3' })
    const ids = await Promise.all(
      [faithful, graced].map(async ({ name }) => (await scene.call.agent(name, 'online')).id),
    )

    const since = performance.now()
    await Promise.all(ids.map((id) => scene.call.revokeAgent(id)))
    await Promise.all([faithful, graced].map((agent) => thrownOut(agent, since)))
    for (const { name } of [faithful, graced]) await scene.call.agent(name, 'revoked')
    expect((await ask(faithful)).status).toBe(200)
    expect((await ask(graced)).status).toBe(200)

    const stopped = await until('the one with a grace stops', async () => {
      const answer = await ask(graced)
      return answer.status === 503 && answer
    })
    expect(performance.now() - since).toBeGreaterThan(3_000)
    expect(stopped.text).toContain('agent_revoked')
    expect((await fetch(`${graced.adminUrl}/readyz`)).status).toBe(503)
    expect((await ask(faithful)).status).toBe(200)

    // Started anew with the token that brought it in, it is refused, and serves what it has.
    await faithful.program.kill('SIGKILL')
    const again = await scene.house.startAgent('faithful', scene.agentEnv, faithful)
    await until('refused', () => logged(again, 'does not let this agent in') > 0)
    expect(await readiness(again)).toContain('revoked')
    expect((await ask(again)).status).toBe(200)
    await graced.program.kill('SIGKILL')
    const still = await scene.house.launchAgent(
      'graced',
      { ...scene.agentEnv, CROSSFADE_REVOKED_GRACE: '3' },
      graced,
    )
    await until('still stopped', async () => (await ask(still)).status === 503)
    for (const { name } of [again, still]) await scene.call.agent(name, 'revoked')

    // It changes what is served to nobody else, and somebody who makes a token may bring it back.
    expect((await ask(bystander)).status).toBe(200)
    await scene.call.agent('bystander', 'online')
    await still.program.kill('SIGKILL')
    const { token } = await scene.call.joinToken({ name: 'another chance' })
    const env = { ...scene.agentEnv, CROSSFADE_AGENT_TOKEN: token, CROSSFADE_REVOKED_GRACE: '3' }
    const back = await scene.house.startAgent('graced', env, graced)
    expect((await scene.call.agent('graced', 'online')).id).toBe(ids[1])
    expect((await ask(back)).status).toBe(200)
    expect((await scene.call.changes()).filter(({ act }) => act === 'agent.revoke')).toHaveLength(2)
  })

  it('AG-04: is every agent of a token that is revoked', async () => {
    scene = await openScene({ agents: ['one', 'two'] })
    for (const { name } of scene.agents) await scene.call.agent(name, 'online')
    const [, id = ''] = (scene.agentEnv['CROSSFADE_AGENT_TOKEN'] ?? '').split('_')
    const since = performance.now()
    await scene.call.revokeToken(id)
    await Promise.all(scene.agents.map((agent) => thrownOut(agent, since)))
    for (const agent of scene.agents) expect((await ask(agent)).status).toBe(200)
    const late = await scene.house.launchAgent('late', scene.agentEnv)
    await until('refused', () => late.program.output().includes('was revoked'))
    expect((await scene.call.agents()).map(({ name, state }) => [name, state])).toEqual([
      ['one', 'revoked'],
      ['two', 'revoked'],
    ])
  })
})

describe.skipIf(!canRunReplicas)('with two control planes on one database', () => {
  it('AG-04: an agent that is linked to one is thrown out when the other revokes it', async () => {
    const { replica } = await openReplicas()
    const [one] = scene.agents
    const { id } = await scene.call.agent('one', 'online')
    const since = performance.now()
    await replica.revokeAgent(id)
    await thrownOut(one, since)
    expect((await ask(one)).status).toBe(200)
    await scene.call.agent('one', 'revoked')
    await replica.agent('one', 'revoked')
  })

  it('lets one agent in that shows one token to both at once', async () => {
    const { replica, replicaUrl } = await openReplicas()
    const { token } = await replica.joinToken({ name: 'for one of two' })
    const env = { ...scene.agentEnv, CROSSFADE_AGENT_TOKEN: token }
    const racers = await Promise.all([
      scene.house.launchAgent('racer-1', env),
      scene.house.launchAgent('racer-2', { ...env, CROSSFADE_CONTROL_URL: replicaUrl }),
    ])
    const hasAnswer = ({ program }: Agent) => /"Joined"|was used/.test(program.output())
    await until('both have their answer', () => racers.every(hasAnswer))
    expect(racers.filter(({ program }) => program.output().includes('"Joined"'))).toHaveLength(1)
    const joined = async () => (await replica.agents()).filter(({ name }) => name.startsWith('racer'))
    expect(await until('on the list', async () => (await joined())[0])).toBeDefined()
    expect(await joined()).toHaveLength(1)
  })
})

async function openReplicas() {
  const postgres = await startPostgres()
  cleanUp = () => postgres.remove()
  const env = databaseEnv(await postgres.createDatabase('crossfade'))
  scene = await openScene({ agents: ['one'], env })
  const { api, url } = await scene.house.startControlPlane(env)
  return { replica: verbs(api), replicaUrl: url }
}
