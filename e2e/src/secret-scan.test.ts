import { execFile } from 'node:child_process'
import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { readFile, stat } from 'node:fs/promises'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { promisify } from 'node:util'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { agentTokenCreatedSchema } from '@crossfade/contracts/api/agents'
import { apiTokenCreatedSchema, inviteCreatedSchema } from '@crossfade/contracts/api/people'
import { freePort } from '@crossfade/testkit/free-port'
import { selfSigned, writePair } from '@crossfade/testkit/certificates'
import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import { asking, cookieOf, type Ask, type Heard } from './harness/asking.ts'
import { client } from './harness/client.ts'
import { configureSecrets } from './harness/configured-secrets.ts'
import { createMarks, scanFolder, type FoundFile } from './harness/marks.ts'
import { startProgram, until, type Program } from './harness/program.ts'
import { bookPath, openScene, restartControlPlane, type Scene } from './harness/scene.ts'
import { walkApi } from './harness/walk.ts'

const cli = fileURLToPath(new URL('../../packages/cli/src/main.ts', import.meta.url))
const marks = createMarks()
const programs: Program[] = []
/** Everything anybody answered to people, programs and callers of the API, by what was asked. */
const heard: (readonly [what: string, text: string])[] = []
const adminToken = marks.make('the admin token of agents')

let postgres: TestPostgres | null = null
let databaseUrl: string | null = null
let controlEnv: Readonly<Record<string, string>> = {}
let scene: Scene
let ask: Ask
let doctor: string
let dump: string
let answers: ReadonlyMap<string, Heard>
/** Secrets of which the database must hold the SHA-256, so that the scan of it is a scan of the right thing. */
const hashed: string[] = []

beforeAll(async () => {
  await openHouse()
  await actAsPeople()
  await actAsPrograms()
  const { apiKey, said } = await configureSecrets(scene, marks)
  heard.push(['deliveries of a webhook', said])
  await callThroughAgents(apiKey)
  await lookAtAgents()
  await restartAll()
  await examine()
}, 300_000)

afterAll(async () => {
  await scene.close()
  await postgres?.remove()
})

const json = { 'content-type': 'application/json' }
const fromUs = () => ({ ...json, origin: scene.controlPlane.url })

/** Asks the control plane and keeps the answer for the scan, but for what is shown once on purpose. */
async function say(
  method: string,
  where: string,
  headers: Readonly<Record<string, string>>,
  body?: unknown,
): Promise<Heard> {
  const sent = typeof body === 'string' ? body : JSON.stringify(body)
  const answer = await ask(method, `/api/v1/${where}`, { headers, ...(body !== undefined && { body: sent }) })
  heard.push([
    `${method} ${where}: ${answer.status}`,
    answer.text + JSON.stringify({ ...answer.headers, 'set-cookie': '' }),
  ])
  return answer
}

async function openHouse(): Promise<void> {
  const { privateKey } = generateKeyPairSync('ed25519')
  const signingKey = privateKey.export({ type: 'pkcs8', format: 'pem' }).toString()
  controlEnv = {
    CROSSFADE_SIGNING_KEY: marks.know('the signing key', signingKey),
    CROSSFADE_AUDIT_KEY: marks.make('the audit key'),
    CROSSFADE_LOG_LEVEL: 'debug',
  }
  if (findPostgres() !== null) {
    postgres = await startPostgres()
    const url = new URL(await postgres.createDatabase('crossfade'))
    url.password = marks.make('the password of the database')
    databaseUrl = url.href
    controlEnv = { ...controlEnv, DATABASE_URL: databaseUrl }
  }
  scene = await openScene({
    env: controlEnv,
    agentEnv: { CROSSFADE_ADMIN_TOKEN: adminToken, CROSSFADE_LOG_LEVEL: 'debug' },
    agents: ['one'],
  })
  const certificate = selfSigned()
  const { certFile, keyFile } = writePair(scene.house.folder, 'own', certificate)
  marks.know('a private key of TLS', certificate.key)
  const second = await scene.house.startAgent('two', {
    ...scene.agentEnv,
    CROSSFADE_AGENT_TOKEN: marks.know('an agent token', await scene.call.agentToken('default', 'second')),
    CROSSFADE_TLS_LISTEN: `127.0.0.1:${await freePort()}`,
    CROSSFADE_TLS_CERT: certFile,
    CROSSFADE_TLS_KEY: keyFile,
    CROSSFADE_TRAFFIC_LOG: path.join(scene.house.folder, 'traffic.log'),
    CROSSFADE_TRAFFIC_LOG_FORMAT: 'json',
  })
  marks.know('the agent token of the scene', scene.agentEnv['CROSSFADE_AGENT_TOKEN'] ?? '')
  scene = { ...scene, agents: [scene.agents[0], second] }
  const { revision } = await scene.call.share(scene.mapping.id, 50)
  await scene.call.live(revision, 'one', 'two')
  programs.push(scene.controlPlane.program, ...scene.agents.map(({ program }) => program))
  ask = asking(scene.controlPlane.url)
}

async function actAsPeople(): Promise<void> {
  const tokenOf = (link: string) => marks.know(`a one-time link (${link.length})`, link.split('#')[1] ?? '')
  const issue = async () =>
    (
      await scene.controlPlane.api.call('POST', '/api/v1/local/link', z.object({ link: z.string() }), {
        body: {},
      })
    ).link
  const email = 'ada@example.test'
  const [first, next] = [marks.make('a password'), marks.make('the next password')]
  const token = tokenOf(await issue())
  await say('POST', 'links/inspect', fromUs(), { token })
  await say('POST', 'links/accept', fromUs(), { token, email, name: 'Ada', password: first })
  await say('POST', 'links/accept', fromUs(), { token, email, name: 'Ada', password: first })
  await say('POST', 'links/sign-in', fromUs(), { token: marks.make('a link that never was') })
  await say('POST', 'session', fromUs(), { email, password: marks.make('a wrong password') })
  await say('POST', 'session', fromUs(), { email, password: first, otp: marks.make('an unexpected field') })
  await say(
    'POST',
    'session',
    fromUs(),
    `{"email":"${email}","password":"${marks.make('a password in broken JSON')}`,
  )
  const session = await say('POST', 'session', fromUs(), { email, password: first })
  const cookie = cookieOf(session)
  hashed.push(marks.know('a session that ended', cookie.split('=')[1] ?? ''))
  const changed = await say('PUT', 'account/password', { ...fromUs(), cookie }, { current: first, next })
  const fresh = cookieOf(changed)
  hashed.splice(0, 1, marks.know('a session', fresh.split('=')[1] ?? ''))
  await say('GET', 'session', { ...fromUs(), cookie })
  await say('GET', 'sessions', { ...fromUs(), cookie: fresh })
  await say('GET', 'session', {
    ...fromUs(),
    cookie: `crossfade_session=${marks.make('a cookie of nobody')}`,
  })
  const invited = await scene.controlPlane.api.call('POST', '/api/v1/users', inviteCreatedSchema, {
    body: { email: 'bob@example.test', access: { everywhere: 'viewer', environments: [] } },
  })
  const password = marks.make("an invited person's password")
  await say('POST', 'links/accept', fromUs(), { token: tokenOf(invited.link), name: 'Bob', password })
  const bob = await say('POST', 'session', fromUs(), { email: 'bob@example.test', password })
  await say('POST', 'services', { ...fromUs(), cookie: cookieOf(bob) }, { name: 'no', instances: [] })
  await say(
    'POST',
    'tokens',
    { ...json, origin: 'https://evil.example', cookie: fresh },
    { name: 'x', access: { everywhere: 'admin', environments: [] } },
  )
  await say('DELETE', 'session', { ...fromUs(), cookie: cookieOf(bob) })
}

async function actAsPrograms(): Promise<void> {
  const { api } = scene.controlPlane
  const create = async (name: string) => {
    const made = await api.call('POST', '/api/v1/tokens', apiTokenCreatedSchema, {
      body: { name, access: { everywhere: 'admin', environments: [] } },
    })
    hashed.push(marks.know(`the API token ${name}`, made.token))
    return {
      id: made.id,
      headers: { ...json, authorization: `Bearer ${made.token}`, 'idempotency-key': name },
    }
  }
  const [good, revoked] = [await create('deploys'), await create('left behind')]
  await api.call('DELETE', `/api/v1/tokens/${revoked.id}`, z.undefined())
  await say('GET', 'mappings', revoked.headers)
  await say('GET', 'mappings', { authorization: `Bearer ${marks.make('a token of nobody')}` })
  await say('GET', 'mappings', { authorization: `Basic ${marks.make('basic credentials')}` })
  await say('GET', `mappings?token=${marks.make('a token in an address')}`, good.headers)
  const password = marks.make('the password of a service address')
  await say('POST', 'services', good.headers, {
    name: 'bad',
    instances: [`http://user:${password}@127.0.0.1:1/`],
  })
  const explained = {
    url: `${bookPath}?api_key=${marks.make('a key in an explained address')}`,
    headers: {
      authorization: `Bearer ${marks.make('an explained token')}`,
      cookie: `uid=reader; session=${marks.make('an explained cookie')}`,
    },
  }
  await say('POST', 'explain', good.headers, explained)
  const spare = await api.call('POST', '/api/v1/agent-tokens', agentTokenCreatedSchema, {
    body: { name: 'spare' },
  })
  marks.know('a revoked agent token', spare.token)
  await api.call('DELETE', `/api/v1/agent-tokens/${spare.id}`, z.undefined())
  await say('GET', 'link', { authorization: `Bearer ${spare.token}` })
}

async function callThroughAgents(apiKey: string): Promise<void> {
  const callers = client()
  const jwt = [
    'eyJhbGciOiJFUzI1NiJ9',
    Buffer.from('{"sub":"reader-1"}').toString('base64url'),
    randomBytes(48).toString('base64url'),
  ]
  const secrets = {
    authorization: `Bearer ${marks.know('a JWT', jwt.join('.'))}`,
    cookie: `uid=reader-1; sid=${marks.make("a caller's session")}`,
    'x-api-key': apiKey,
    'x-crossfade-key': marks.make('a key for debug headers'),
    referer: `https://shop.example/?access_token=${marks.make('a token in a referrer')}`,
  }
  const query = `?page=2&api_key=${marks.make('a key in a query')}&token=${marks.make('a token in a query')}`
  const body = JSON.stringify({ card: marks.make('something in a body') })
  const pathToken = marks.know('a token in a path', randomBytes(32).toString('base64url'))
  for (const { url } of scene.agents) {
    for (const where of [bookPath, '/unmapped', '/books/../admin', '/%zz', `/reset/${pathToken}`]) {
      for (const method of ['GET', 'POST']) {
        const sent = method === 'POST' ? { body } : {}
        await callers
          .ask(`${url}${where}${where.startsWith('/reset') ? '' : query}`, {
            method,
            headers: secrets,
            ...sent,
          })
          .catch(() => null)
      }
    }
  }
  callers.close()
  await until('the numbers of those calls', async () => {
    const paths = await scene.controlPlane.api.call(
      'GET',
      '/api/v1/stats/paths',
      z.looseObject({ paths: z.array(z.unknown()) }),
    )
    return paths.paths.length > 0
  }).catch(() => null)
}

async function lookAtAgents(): Promise<void> {
  for (const { adminUrl } of scene.agents) {
    const door = asking(adminUrl)
    const headers = { ...json, authorization: `Bearer ${adminToken}` }
    const look = async (
      method: string,
      where: string,
      more: { headers?: Record<string, string>; body?: string } = {},
    ) => heard.push([`agent ${method} ${where}`, (await door(method, where, more)).text])
    for (const where of ['/snapshot', '/rollback']) await look('GET', where, { headers })
    for (const where of ['/metrics', '/readyz?verbose', '/healthz', '/snapshot']) await look('GET', where)
    await look('GET', '/snapshot', {
      headers: { authorization: `Bearer ${marks.make('a wrong admin token')}` },
    })
    const request = {
      url: bookPath,
      headers: { authorization: `Bearer ${marks.make('a token explained by an agent')}` },
    }
    await look('POST', '/explain', { headers, body: JSON.stringify(request) })
    await look('POST', '/rollback', { headers, body: `{"names":["${marks.make('a name in broken JSON')}` })
  }
}

async function restartAll(): Promise<void> {
  const [first] = scene.agents
  await first.program.kill()
  await scene.controlPlane.program.kill()
  const again = await scene.house.startAgent(
    'one',
    { ...scene.agentEnv, CROSSFADE_ADMIN_TOKEN: adminToken },
    first,
  )
  await restartControlPlane(scene, controlEnv)
  programs.push(again.program, scene.controlPlane.program)
  await until(
    'agents are back',
    async () => (await scene.call.agents()).filter(({ state }) => state === 'online').length >= 2,
  )
}

async function examine(): Promise<void> {
  const { token } = await scene.controlPlane.api.call('POST', '/api/v1/tokens', apiTokenCreatedSchema, {
    body: { name: 'scanner', access: { everywhere: 'admin', environments: [] } },
  })
  const authorization = `Bearer ${marks.know('the token of the scan', token)}`
  answers = await walkApi(ask, { authorization })
  heard.push(['GET /metrics', (await ask('GET', '/metrics')).text])
  const env = {
    ...scene.agentEnv,
    ...controlEnv,
    CROSSFADE_URL: scene.controlPlane.url,
    CROSSFADE_TOKEN: token,
    CROSSFADE_ADMIN_TOKEN: adminToken,
    XDG_CONFIG_HOME: scene.house.folder,
  }
  const admins = scene.agents.flatMap(({ adminUrl }) => ['--agent', adminUrl])
  const runs = ['table', 'json', 'yaml'].map(async (format) => {
    const program = startProgram('doctor', [cli, '-o', format, 'doctor', ...admins], env)
    await program.ended
    return program.output()
  })
  doctor = (await Promise.all(runs)).join('\n')
  dump =
    databaseUrl === null
      ? ''
      : (
          await promisify(execFile)(path.join(findPostgres() ?? '', 'pg_dump'), [databaseUrl], {
            maxBuffer: 2 ** 28,
          })
        ).stdout
}

describe('no secret of a whole run', () => {
  it('is in what any process printed, nor in the traffic log', async () => {
    for (const program of programs) {
      expect([program.name, marks.foundIn(program.output())]).toEqual([program.name, []])
    }
    const log = await readFile(path.join(scene.house.folder, 'traffic.log'), 'utf8')
    expect(log.split('\n').length).toBeGreaterThan(2)
    expect(log).toContain('api_key=[redacted]')
    expect(marks.foundIn(log)).toEqual([])
  })

  it('is in an answer to people, programs or lookers at agents, refusals included', () => {
    const leaks = heard.map(([what, text]) => [what, marks.foundIn(text)] as const)
    expect(leaks.filter(([, found]) => found.length > 0)).toEqual([])
    expect(heard.length).toBeGreaterThan(40)
  })

  it('is in anything the API lets an administrator read, the audit trail included', () => {
    const read = [...answers].filter(([, { status }]) => status === 200)
    expect(read.length).toBeGreaterThan(25)
    expect(
      [...answers].filter(([, { status }]) => status >= 400 && status !== 403).map(([where]) => where),
    ).toEqual([])
    expect(
      read.map(([where, { text }]) => [where, marks.foundIn(text)]).filter(([, found]) => found?.length),
    ).toEqual([])
  })

  it('is in what is sent to somebody who helps', () => {
    expect(doctor).toContain('control plane')
    expect(doctor).toContain('(set, hidden)')
    expect(marks.foundIn(doctor)).toEqual([])
  })

  it('is on a disk, but for the one file that is its home, which nobody else may read', async () => {
    const files: FoundFile[] = await scanFolder(marks, scene.house.folder)
    const homes: Readonly<Record<string, readonly string[]>> = {
      'own.key': ['a private key of TLS'],
    }
    for (const { file, mode, found } of files) {
      const own = scene.agents.find(
        ({ stateDir }) => file === path.relative(scene.house.folder, `${stateDir}/identity.json`),
      )
      const home = own ? [`the key of agent ${own.name}`] : homes[file]
      expect([file, found]).toEqual([file, home ?? []])
      expect([file, mode]).toEqual([file, 0o600])
    }
    expect(files.length).toBe(1 + scene.agents.length)
    expect(files.map(({ file }) => file)).toContain('own.key')
  })

  it('is in the database, which holds hashes', () => {
    expect(marks.foundIn(dump)).toEqual([])
    // Without Postgres the database lies among the files that are scanned above.
    const stored = databaseUrl === null ? [] : hashed
    for (const secret of stored) expect(dump).toContain(marks.digestOf(secret))
  })
})

describe('the scan', () => {
  it('would find a secret in any form, wherever it were', async () => {
    const own = createMarks()
    const secret = own.make('a planted secret')
    const forms = [secret, encodeURIComponent(secret), Buffer.from(`ab${secret}yz`).toString('base64url')]
    for (const form of forms) expect(own.foundIn(`{"x":"${form}"}`)).toEqual(['a planted secret'])
    expect(own.foundIn('nothing here')).toEqual([])
    expect(marks.count).toBeGreaterThan(30)
    expect((await stat(path.join(scene.house.folder, 'own.key'))).mode & 0o777).toBe(0o600)
  })
})
