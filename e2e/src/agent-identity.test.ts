import { cp, readFile } from 'node:fs/promises'
import path from 'node:path'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { joinPath, renewPath } from '@crossfade/contracts/agent-identity'
import { environmentViewSchema } from '@crossfade/contracts/api/environments'
import { z } from 'zod'
import { freePort } from '@crossfade/testkit/free-port'
import { lossyWay, type LossyWay } from './harness/lossy-way.ts'
import { adminToken, type Agent } from './harness/house.ts'
import { until } from './harness/program.ts'
import { bookPath, openScene, restartControlPlane, type Scene } from './harness/scene.ts'
import { steadyLoad } from './harness/steady-load.ts'

let scene: Scene
let way: LossyWay | null = null
afterEach(async () => {
  await way?.close()
  way = null
})

const storedSchema = z.looseObject({
  joinedWith: z.string().nullable(),
  current: z.looseObject({ credentialId: z.string(), issuedAt: z.string() }).nullable(),
  next: z.unknown(),
})
/** What the agent keeps of who it is. */
const stored = async ({ stateDir }: Pick<Agent, 'stateDir'>) =>
  storedSchema.parse(JSON.parse(await readFile(path.join(stateDir, 'identity.json'), 'utf8')))

const envWith = (token: string | null, more: Record<string, string> = {}) => {
  const { CROSSFADE_AGENT_TOKEN: _, ...rest } = scene.agentEnv
  return { ...rest, ...(token !== null && { CROSSFADE_AGENT_TOKEN: token }), ...more }
}
const named = async (...names: string[]) =>
  (await scene.call.agents()).filter(({ name }) => names.includes(name))
const served = async ({ url }: Agent) =>
  (await fetch(url + bookPath, { headers: { cookie: 'uid=a' } })).status
const saysNo = (agent: Agent, why: RegExp) =>
  until(`${agent.name} hears ${why}`, () => why.test(agent.program.output()))

describe('a token to join with', () => {
  beforeAll(async () => {
    scene = await openScene({ agents: ['first'] })
  })
  afterAll(() => scene.close())

  it('AG-01: lets one agent in, which needs it no more; a second is told that it was used', async () => {
    const { id, token } = await scene.call.joinToken({ name: 'for one' })
    const owner = await scene.house.startAgent('owner', envWith(token))
    const { id: agentId } = await scene.call.agent('owner', 'online')

    const second = await scene.house.launchAgent('second', envWith(token))
    await saysNo(second, /is for one agent and was used/)
    expect((await fetch(`${second.adminUrl}/readyz`)).status).toBe(503)
    expect(await named('second')).toEqual([])
    const list = await scene.controlPlane.api.call('GET', '/api/v1/agent-tokens', tokensSchema)
    expect(list.items.find((one) => one.id === id)).toMatchObject({ uses: 'once', usedBy: agentId })

    await owner.program.kill('SIGKILL')
    await scene.house.startAgent('owner', envWith(null), owner)
    expect(await scene.call.agent('owner', 'online')).toMatchObject({ id: agentId })
    expect((await named('owner', 'second')).map(({ name }) => name)).toEqual(['owner'])
  })

  it('AG-01: lets exactly one of several agents in that show it at once', async () => {
    const { token } = await scene.call.joinToken({ name: 'for one of three' })
    const names = ['racer-1', 'racer-2', 'racer-3']
    const racers = await Promise.all(names.map((name) => scene.house.launchAgent(name, envWith(token))))
    const hasAnswer = ({ program }: Agent) => /"Joined"|was used/.test(program.output())
    await until('every racer has its answer', () => racers.every(hasAnswer))
    const losers = racers.filter(({ program }) => /was used/.test(program.output()))
    expect(losers).toHaveLength(2)
    expect(await until('the winner', async () => (await named(...names))[0])).toBeDefined()
    expect(await named(...names)).toHaveLength(1)
  })

  it('AG-01: that is past its time, revoked, altered or of another control plane lets nobody in', async () => {
    const soon = new Date(Date.now() + 1_000)
    const expired = await scene.call.joinToken({ name: 'expired', expiresAt: soon.toISOString() })
    const revoked = await scene.call.joinToken({ name: 'revoked', uses: 'many' })
    await scene.call.revokeToken(revoked.id)
    const good = await scene.call.joinToken({ name: 'good' })
    const [kind, id, secret = '', fingerprint] = good.token.split('_')
    const flipped = (secret.startsWith('0') ? '1' : '0') + secret.slice(1)
    await until('its time is over', () => Date.now() > soon.getTime())

    const cases: readonly (readonly [string, string, RegExp])[] = [
      ['late', expired.token, /The token expired expired at/],
      ['outlaw', revoked.token, /The token revoked was revoked/],
      ['forger', [kind, id, flipped, fingerprint].join('_'), /not a token of this control plane/],
      ['stranger', [kind, id, secret, '0'.repeat(32)].join('_'), /not an assertion of a known agent/],
    ]
    const agents = await Promise.all(
      cases.map(async ([name, token, why]) => {
        const agent = await scene.house.launchAgent(name, envWith(token))
        await saysNo(agent, why)
        return agent
      }),
    )
    expect(await named(...cases.map(([name]) => name))).toEqual([])
    for (const { program, stateDir } of agents) {
      expect((await stored({ stateDir })).current).toBeNull()
      expect(program.output()).not.toContain(secret)
      await program.kill('SIGKILL')
    }
    const body = JSON.stringify({ ...malformed, token: expired.token })
    const answer = await fetch(scene.controlPlane.url + joinPath, { method: 'POST', headers: json, body })
    expect(answer.status).toBe(401)

    await scene.house.startAgent('rightful', envWith(good.token))
    await scene.call.agent('rightful', 'online')
  })

  it('AG-01: brings an agent into the environment that it was made for, and into no other', async () => {
    const body = { name: 'staging', defaults: [] }
    const { id: environmentId } = await scene.controlPlane.api.call(
      'POST',
      '/api/v1/environments',
      environmentViewSchema,
      { body },
    )
    const { token } = await scene.call.joinToken({ name: 'staging', environmentId })
    const agent = await scene.house.startAgent('first', envWith(token), await aside())
    const both = await until('two of one name', async () => {
      const views = (await named('first')).filter(({ state }) => state === 'online')
      return views.length === 2 && views
    })
    expect(new Set(both.map((view) => view.environmentId))).toEqual(new Set(['default', environmentId]))
    const answer = await fetch(`${agent.adminUrl}/snapshot`, {
      headers: { authorization: `Bearer ${adminToken}` },
    })
    expect(await answer.json()).toMatchObject({ header: { environmentId } })
    expect(await served(agent)).toBe(404)
  })

  it('AG-01: lets the same agent in when the answer to its joining was lost with the agent', async () => {
    const { id, token } = await scene.call.joinToken({ name: 'lost answer' })
    way = await lossyWay(scene.controlPlane.port)
    way.lose(joinPath)
    const env = envWith(token, { CROSSFADE_CONTROL_URL: way.url })
    const agent = await scene.house.launchAgent('unlucky', env)
    await until('an answer is lost', () => (way?.lost() ?? 0) > 0)
    await agent.program.kill('SIGKILL')
    expect(await stored(agent)).toMatchObject({ joinedWith: null, current: null })
    way.lose(null)
    await scene.house.startAgent('unlucky', env, agent)
    await scene.call.agent('unlucky', 'online')
    expect(await stored(agent)).toMatchObject({ joinedWith: id, next: null })
  })
})

describe('renewing', () => {
  afterEach(() => scene.close())

  it('AG-03: happens under traffic without a request or the link lost, again and again', async () => {
    scene = await openScene({ agents: ['one'], env: { CROSSFADE_AGENT_CREDENTIAL_LIFE: '5' } })
    const before = await scene.call.agent('one', 'online')
    const load = steadyLoad(scene)
    const seen = new Set<string>()
    await until('four credentials', async () => {
      const [view] = await named('one')
      expect([view?.state, view?.connectedAt]).toEqual(['online', before.connectedAt])
      if (view?.credential) seen.add(view.credential.issuedAt)
      return seen.size >= 4
    })
    const { requests, failures } = await load.stop()
    expect(failures).toEqual([])
    expect(requests).toBeGreaterThan(100)

    // The newest opens a link, without the token.
    const [one] = scene.agents
    await one.program.kill('SIGKILL')
    const env = envWith(null)
    await scene.house.startAgent('one', env, one)
    const again = await until('back', async () => {
      const [view] = await named('one')
      return view?.state === 'online' && view.connectedAt !== before.connectedAt && view
    })
    expect(again.id).toBe(before.id)
  })

  it('AG-03: cut off between issue and store leaves N good; N+1 is what it gets afterwards', async () => {
    // Renewed after two thirds; the rest is for a control plane that starts slowly.
    const life = { CROSSFADE_AGENT_CREDENTIAL_LIFE: '45' }
    scene = await openScene({ agents: ['bystander'], env: life })
    way = await lossyWay(scene.controlPlane.port)
    way.lose(renewPath)
    const env = envWith(scene.agentEnv['CROSSFADE_AGENT_TOKEN'] ?? null, { CROSSFADE_CONTROL_URL: way.url })
    const agent = await scene.house.startAgent('one', env)
    const before = await scene.call.agent('one', 'online')
    const { current: n } = await stored(agent)

    await until('an answer is lost', () => (way?.lost() ?? 0) > 0, 60_000)
    await scene.controlPlane.program.kill('SIGKILL')
    expect((await stored(agent)).current).toEqual(n)
    await restartControlPlane(scene, life)
    const back = await until('back', async () => {
      const [view] = await named('one')
      return view?.state === 'online' && view.connectedAt !== before.connectedAt && view
    })
    // It is the credential before that opened this link: the one issued since never arrived.
    expect((await stored(agent)).current).toEqual(n)
    expect(back.credential?.issuedAt).not.toBe(n?.issuedAt)
    expect(await served(agent)).toBe(200)

    way.lose(null)
    const renewed = await until('renewed', async () => {
      const { current } = await stored(agent)
      return current !== null && current.credentialId !== n?.credentialId && current
    })
    expect(renewed.issuedAt).toBe(back.credential?.issuedAt)
  })
})

describe('a copied state directory', () => {
  beforeAll(async () => {
    scene = await openScene({ agents: ['one'] })
  })
  afterAll(() => scene.close())

  it('makes two processes of one identity, of which exactly one is live; both serve', async () => {
    const [original] = scene.agents
    await scene.call.agent('one', 'online')
    const place = await aside()
    const isNoLock = (file: string) => !file.endsWith('agent.lock')
    await cp(original.stateDir, place.stateDir, { recursive: true, filter: isNoLock })
    const copy = await scene.house.startAgent('one', envWith(null), place)
    const view = await until('the fleet page says so', async () => {
      const [one, ...others] = await named('one')
      expect(others).toEqual([])
      return one?.duplicateAt != null && one
    })
    expect(view.state).toBe('online')
    await saysNo(original, /does not let this agent in/)
    const { connectedAt } = view
    for (let looks = 0; looks < 20; looks++) {
      expect((await named('one')).map((one) => [one.state, one.connectedAt])).toEqual([
        ['online', connectedAt],
      ])
      await new Promise((resolve) => setTimeout(resolve, 100))
    }
    expect([await served(original), await served(copy)]).toEqual([200, 200])
  })
})

/** A place for a process that has a name in common with another one. */
async function aside(): Promise<Pick<Agent, 'stateDir' | 'url' | 'adminUrl'>> {
  const [traffic, admin] = [await freePort(), await freePort()]
  return {
    stateDir: path.join(scene.house.folder, 'aside'),
    url: `http://127.0.0.1:${traffic}`,
    adminUrl: `http://127.0.0.1:${admin}`,
  }
}

const tokensSchema = z.object({ items: z.array(z.looseObject({ id: z.string() })) })
const json = { 'content-type': 'application/json' }
/** A well-formed request to join whose proof proves nothing. */
const malformed = { name: 'by-hand', publicKey: `${'A'.repeat(43)}=`, proof: 'a.b.c' }
