import { createHmac } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { apiKeyCreatedSchema } from '@crossfade/contracts/api/api-keys'
import { environmentViewSchema, type EnvironmentInput } from '@crossfade/contracts/api/environments'
import type { MappingInput } from '@crossfade/contracts/api/mappings'
import { startIssuer, type TestIssuer } from '@crossfade/testkit/issuer'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { adminToken, runningOn, type Agent } from './harness/house.ts'
import { until } from './harness/program.ts'
import { bookPath, byCookie, openScene, type Scene } from './harness/scene.ts'

let scene: Scene
let issuer: TestIssuer
/** Every credential that was ever shown; none may turn up anywhere afterwards. */
const shown: string[] = []

beforeAll(async () => {
  issuer = await startIssuer()
  scene = await openScene({ agentEnv: { CROSSFADE_TRAFFIC_LOG: 'stdout' } })
  await configure({ issuers: [asInput(issuer)] })
  await check({ anyOf: ['jwt'] })
}, 120_000)
afterAll(async () => {
  await scene.close()
  await issuer.close()
})

const asInput = ({ config }: TestIssuer) => ({
  ...config,
  audiences: [...config.audiences],
  algorithms: [...config.algorithms],
})

async function configure(auth: NonNullable<EnvironmentInput['auth']>): Promise<void> {
  const { api } = scene.controlPlane
  const { name, version } = await api.call('GET', '/api/v1/environments/default', environmentViewSchema)
  const body = { name, auth }
  const { revision } = await api.call('PUT', '/api/v1/environments/default', environmentViewSchema, {
    ifMatch: version,
    body,
  })
  await live(revision)
}

type Check = NonNullable<NonNullable<MappingInput['policy']>['auth']>
async function check(auth: Check, split?: MappingInput['split']): Promise<void> {
  const { api } = scene.controlPlane
  const { mappingViewSchema } = await import('@crossfade/contracts/api/mappings')
  const { id, version } = await scene.call.showMapping(scene.mapping.id)
  const base = byCookie('chapter', bookPath, scene.mapping.legacy.serviceId, scene.mapping.new.serviceId)
  const body = { ...base, ...(split && { split }), policy: { auth }, confirmMoves: true }
  await api.call('PUT', `/api/v1/mappings/${id}`, mappingViewSchema, { ifMatch: version, body })
  await everywhere()
}

async function everywhere(): Promise<void> {
  const { revision } = await scene.controlPlane.api.call(
    'GET',
    '/api/v1/environments/default',
    environmentViewSchema,
  )
  await live(revision)
}

async function live(revision: number): Promise<void> {
  for (const agent of scene.agents) {
    await until(`revision ${revision} on ${agent.name}`, async () => (await runningOn(agent)) >= revision)
  }
}

async function ask(agent: Agent, headers: Record<string, string> = {}, target = `${bookPath}/1`) {
  for (const value of Object.values(headers)) shown.push(value.replace(/^Bearer /, ''))
  const answer = await fetch(`${agent.url}${target}`, { headers })
  const text = await answer.text()
  return { status: answer.status, text, headers: answer.headers }
}
async function statuses(token: string): Promise<number[]> {
  const answers = await Promise.all(
    scene.agents.map((agent) => ask(agent, { authorization: `Bearer ${token}` })),
  )
  return answers.map(({ status }) => status)
}
const twice = (status: number) => [status, status]

describe('JWT: tokens at real agents', () => {
  it('JWT: a good token is served by every agent, none is 401 with a challenge', async () => {
    expect(await statuses(await issuer.token(Date.now()))).toEqual(twice(200))
    const nobody = await ask(scene.agents[0])
    expect(nobody.status).toBe(401)
    expect(nobody.headers.get('www-authenticate')).toBe('Bearer realm="api"')
  })

  it('JWT: no algorithm but the pinned one, not even with the public key as a secret', async () => {
    const [, payload = ''] = (await issuer.token(Date.now())).split('.')
    const forge = (header: object, sign: (input: string) => string) => {
      const input = `${Buffer.from(JSON.stringify(header)).toString('base64url')}.${payload}`
      return `${input}.${sign(input)}`
    }
    const { kid } = issuer.publicKey()
    const secrets = [JSON.stringify(issuer.publicKey()), String(issuer.publicKey().x)]
    const forgeries = [
      forge({ alg: 'none', kid }, () => ''),
      forge({ alg: 'None', kid }, () => 'AA'),
      ...secrets.map((secret) =>
        forge({ alg: 'HS256', kid }, (input) =>
          createHmac('sha256', secret).update(input).digest('base64url'),
        ),
      ),
    ]
    for (const token of forgeries) expect(await statuses(token)).toEqual(twice(401))
  })

  it('JWT: the wrong audience, issuer or time is nobody; clocks may differ by the leeway', async () => {
    const now = Date.now()
    const seconds = Math.floor(now / 1_000)
    const bad = [
      { aud: 'films' },
      { iss: 'https://login.example/' },
      { exp: seconds - 60 },
      { nbf: seconds + 90 },
    ]
    for (const claims of bad) expect(await statuses(await issuer.token(now, claims))).toEqual(twice(401))
    expect(await statuses(await issuer.token(now, { exp: seconds - 5 }))).toEqual(twice(200))
  })

  it('JWT: rotation in the middle of load fails nobody', async () => {
    const seen = new Map<number, number>()
    let token = await issuer.token(Date.now())
    const stopping = new AbortController()
    const callers = Array.from({ length: 8 }, async () => {
      while (!stopping.signal.aborted) {
        for (const status of await statuses(token)) seen.set(status, (seen.get(status) ?? 0) + 1)
      }
    })
    for (let round = 0; round < 2; round++) {
      await until('some load', async () => (seen.get(200) ?? 0) > 100 * (round + 1))
      await issuer.rotate()
      token = await issuer.token(Date.now())
      const at = seen.get(200) ?? 0
      await until('load with the new key', async () => (seen.get(200) ?? 0) > at + 100)
    }
    stopping.abort()
    await Promise.all(callers)
    expect([...seen.keys()]).toEqual([200])
  })

  it('JWT: a flood of invented key names asks the issuer a few times', async () => {
    const before = issuer.fetches()
    for (let i = 0; i < 60; i++) {
      expect(await statuses(await issuer.token(Date.now(), {}, { kid: `invented-${i}` }))).toEqual(twice(401))
    }
    expect(issuer.fetches() - before).toBeLessThanOrEqual(8)
    expect(await statuses(await issuer.token(Date.now()))).toEqual(twice(200))
  })

  it('JWT: with the issuer away agents go on, also one that starts again', async () => {
    await issuer.goAway()
    expect(await statuses(await issuer.token(Date.now()))).toEqual(twice(200))
    const [first] = scene.agents
    await first.program.kill('SIGKILL')
    const again = await scene.house.startAgent(first.name, scene.agentEnv, first)
    const answer = await ask(again, { authorization: `Bearer ${await issuer.token(Date.now())}` })
    expect(answer.status).toBe(200)
    await issuer.comeBack()
  })

  it('JWT: keys that could never be had are 503 with Retry-After, and soon 200', async () => {
    const silent = await startIssuer({ name: 'silent' })
    silent.serve('error')
    await configure({ issuers: [asInput(issuer), asInput(silent)] })
    const token = await silent.token(Date.now())
    const answer = await ask(scene.agents[1] ?? scene.agents[0], { authorization: `Bearer ${token}` })
    expect(answer.status).toBe(503)
    expect(Number(answer.headers.get('retry-after'))).toBeGreaterThan(0)
    silent.serve('keys')
    await until('the keys are there', async () => (await statuses(token)).every((status) => status === 200))
    await configure({ issuers: [asInput(issuer)] })
    await silent.close()
  })

  it('JWT: two agents decide alike by claim', async () => {
    await check('none', { kind: 'own', identity: { kind: 'claim', name: 'sub' } })
    await scene.call.share(scene.mapping.id, 50)
    await everywhere()
    const sides = new Set<string>()
    for (let i = 0; i < 30; i++) {
      const authorization = `Bearer ${await issuer.token(Date.now(), { sub: `reader-${i}` })}`
      const [one, two] = await Promise.all(scene.agents.map((agent) => ask(agent, { authorization })))
      expect(one?.headers.get('x-served-by') ?? one?.text).toBe(two?.headers.get('x-served-by') ?? two?.text)
      sides.add(one?.headers.get('x-served-by') ?? one?.text ?? '')
    }
    expect(sides.size).toBe(2)
  })

  it('JWT: an API key opens a mapping until it is revoked', async () => {
    const { api } = scene.controlPlane
    const made = await api.call('POST', '/api/v1/environments/default/api-keys', apiKeyCreatedSchema, {
      body: { name: 'shop', mappings: [scene.mapping.id] },
    })
    await check({ anyOf: ['api-key'], forward: 'drop' })
    const withKey = () => Promise.all(scene.agents.map((agent) => ask(agent, { 'x-api-key': made.key })))
    expect((await withKey()).map(({ status }) => status)).toEqual(twice(200))
    const { z } = await import('zod')
    await api.call('DELETE', `/api/v1/environments/default/api-keys/${made.id}`, z.unknown())
    await everywhere()
    expect((await withKey()).map(({ status }) => status)).toEqual(twice(401))
  })

  it('JWT: nothing of a credential stands in any log, on any disk, in the trail or on an admin port', async () => {
    await check({ anyOf: ['jwt'] })
    const token = await issuer.token(Date.now(), { marked: 'x'.repeat(50) })
    await ask(scene.agents[0], { authorization: `Bearer ${token}` }, `${bookPath}/1?access_token=${token}`)
    await ask(scene.agents[0], {}, `${bookPath}/${token}`)
    const places = [
      scene.controlPlane.program.output(),
      ...scene.agents.map(({ program }) => program.output()),
      JSON.stringify(await scene.call.changes()),
      ...(await filesUnder(scene.house.folder)),
    ]
    for (const agent of scene.agents) {
      const headers = { authorization: `Bearer ${adminToken}` }
      for (const page of ['/snapshot', '/metrics']) {
        places.push(await (await fetch(`${agent.adminUrl}${page}`, { headers })).text())
      }
    }
    const all = places.join('\n')
    expect(all).toContain('chapter')
    // A signature or the random part of a key: what makes it worth something.
    const worth = [...new Set(shown)]
      .filter((secret) => secret.length > 30)
      .map((secret) => secret.slice(-30))
    expect(worth.length).toBeGreaterThan(20)
    expect(worth.filter((secret) => all.includes(secret))).toEqual([])
  })
})

/** Every file as latin1, the database's too. */
async function filesUnder(folder: string): Promise<string[]> {
  const entries = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = entries.filter((entry) => entry.isFile())
  return Promise.all(
    files.map((entry) => readFile(path.join(entry.parentPath, entry.name), 'latin1').catch(() => '')),
  )
}
