import { createServer, type Server } from 'node:http'
import type { AddressInfo } from 'node:net'
import path from 'node:path'
import { mkdtemp, readFile, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { z } from 'zod'
import { inviteCreatedSchema, meSchema } from '@crossfade/contracts/api/people'
import { mappingViewSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import { pageOf } from '@crossfade/contracts/api/common'
import { everywhere } from '@crossfade/contracts/roles'
import { apiClient, type ApiClient } from 'crossfade/api-client'
import { client, type Client } from './harness/client.ts'
import { verbs, type Verbs } from './harness/house.ts'
import { freePort } from '@crossfade/testkit/free-port'
import { startProgram, until, type Program } from './harness/program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))

let folder: string
let demo: Program
let env: Record<string, string>
let port: number
let agentUrl: string
let api: ApiClient
let call: Verbs
let curl: Client
const own: Server[] = []

beforeAll(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cf-new-'))
  port = await freeBlock()
  const agentPort = port + 30
  env = {
    CROSSFADE_DEMO_DIR: folder,
    CROSSFADE_DEMO_PORT: String(port),
    CROSSFADE_DEMO_AGENT_PORT: String(agentPort),
    CROSSFADE_DEMO_READERS: '20',
    CROSSFADE_DEMO_AWAY: '15',
  }
  agentUrl = `http://127.0.0.1:${agentPort}`
  demo = await start()
  api = apiClient({ kind: 'socket', path: path.join(folder, 'control-plane', 'local.sock') })
  call = verbs(api)
  curl = client()
})

afterAll(async () => {
  curl.close()
  for (const server of own) server.close()
  await demo.kill('SIGTERM')
  await rm(folder, { recursive: true, force: true })
})

/** A base port whose neighbours are likely free too. */
async function freeBlock(): Promise<number> {
  const found = await freePort()
  return found > 65_000 ? found - 100 : found
}

/** `npm start`, as the readme says. */
async function start(): Promise<Program> {
  const program = startProgram('npm start', [path.join(root, 'tools/start.ts')], env, { cwd: root })
  await until('the welcome', () => program.output().includes('Crossfade is running'), 90_000).catch(
    (error: unknown) => {
      throw new Error(program.output(), { cause: error })
    },
  )
  return program
}

async function named(name: string): Promise<MappingView> {
  const { items } = await api.call('GET', '/api/v1/mappings', pageOf(mappingViewSchema))
  const found = items.find((mapping) => mapping.name === name)
  if (found === undefined) throw new Error(`No mapping ${name}`)
  return found
}

const ask = (target: string, reader: number | string, options: { method?: string; body?: string } = {}) =>
  curl.ask(agentUrl + target, { ...options, headers: { cookie: `uid=reader-${reader}` } })

const details = '/v2/content_api/book.get_chapter_details?id=3'

/** What each of a hundred readers gets. */
async function sides(target = details): Promise<string[]> {
  const found: string[] = []
  for (let reader = 0; reader < 100; reader++) found.push((await ask(target, reader)).servedBy ?? 'nobody')
  return found
}

describe("a newcomer's quarter of an hour", () => {
  it('starts with one command that prints the dashboard, a sign-in link and a curl loop', async () => {
    expect(demo.output()).toContain(`http://127.0.0.1:${port}`)
    expect(demo.output()).toMatch(/link#\S{20,}/)
    expect(demo.output()).toContain('curl -s')
    const page = await fetch(`http://127.0.0.1:${port}/`)
    expect(page.status).toBe(200)
    expect(await page.text()).toContain('<div id="root">')
  })

  it('gives one reader the same side every time at 25 %, and about a quarter of readers the new one', async () => {
    expect((await named('chapter-details')).split.percent).toBe(25)
    const first = await sides()
    expect(await sides()).toEqual(first)
    const share = first.filter((side) => side === 'new').length
    expect(share).toBeGreaterThan(5)
    expect(share).toBeLessThan(50)
  })

  it("puts the newcomer's own two services behind a mapping", async () => {
    const mine = await Promise.all(['mine-old', 'mine-new'].map(ownService))
    const [oldId, newId] = [
      await call.service('mine-old', mine[0] ?? ''),
      await call.service('mine-new', mine[1] ?? ''),
    ]
    const mapping = await call.mapping({
      name: 'mine',
      match: { path: { kind: 'prefix', path: '/mine' } },
      legacy: { serviceId: oldId },
      new: { serviceId: newId },
    })
    const { revision } = await call.share(mapping.id, 100)
    await call.live(revision, 'demo-1', 'demo-2')
    expect((await ask('/mine/1', 1)).servedBy).toBe('mine-new')
  })

  it('says which side wrote when a POST goes through a ramped mapping', async () => {
    const bookmarks = await named('bookmarks')
    const { revision } = await call.share(bookmarks.id, 100)
    await call.live(revision, 'demo-1', 'demo-2')
    const answer = await ask('/v2/content_api/bookmarks', 7, { method: 'POST', body: '{"chapter":3}' })
    expect(answer.status).toBe(201)
    expect(JSON.parse(answer.body)).toMatchObject({ servedBy: 'new', bookmark: { chapter: 3 } })
    expect((await named('bookmarks')).writes).toEqual({ kind: 'with-share' })
    await until('the write counted on new', async () =>
      (await call.series(bookmarks.id)).new.some((point) => point.requests > 0),
    )
  })

  it('shows errors on new when the new service is broken, and none when it is mended', async () => {
    const mood = (name: string) => fetch(`http://127.0.0.1:${port + 12}/mood/${name}`, { method: 'PUT' })
    await mood('broken')
    const mapping = await named('chapter-details')
    await until('errors on new', async () =>
      (await call.series(mapping.id)).new.some((point) => point.errors > 0),
    )
    expect((await call.series(mapping.id)).legacy.every((point) => point.errors === 0)).toBe(true)
    await mood('well')
  })

  it('goes on serving without the control plane, and rolls back on the agents', async () => {
    const pid = await controlPlanePid()
    process.kill(pid, 'SIGKILL')
    const crossfade = [path.join(root, 'packages/cli/src/main.ts'), 'rollback', 'chapter-details']
    expect((await sides()).includes('new')).toBe(true)
    for (const index of [1, 2]) {
      const token = (await readFile(path.join(folder, `agent-${index}`, 'admin-token'), 'utf8')).trim()
      const done = startProgram(
        'crossfade',
        [...crossfade, '--agent', `http://127.0.0.1:${port + 20 + index}`, '--agent-token', token],
        {},
      )
      if ((await done.ended) !== 0) throw new Error(done.output())
    }
    expect(new Set(await sides())).toEqual(new Set(['legacy']))
    await until(
      'the control plane is back',
      async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok,
      90_000,
    )
    await until(
      'the emergencies audited',
      async () => (await call.changes()).filter(({ act }) => act === 'agent.emergency').length === 2,
    )
  })

  it('lets a colleague in by an invite link', async () => {
    const body = { email: 'jon@example.test', access: everywhere('operator') }
    const { link } = await api.call('POST', '/api/v1/users', inviteCreatedSchema, { body })
    const token = link.split('#')[1]
    const accepted = await fetch(`http://127.0.0.1:${port}/api/v1/links/accept`, {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ token, name: 'Jon', password: 'a long enough one' }),
    })
    expect(meSchema.parse(await accepted.json())).toMatchObject({
      name: 'Jon',
      access: everywhere('operator'),
    })
  })

  it('finds its data again after Ctrl-C and a second start, and none after a reset', async () => {
    expect(await demo.kill('SIGTERM')).toBe(0)
    demo = await start()
    expect((await named('mine')).split.percent).toBe(100)
    expect(await demo.kill('SIGTERM')).toBe(0)

    const reset = startProgram('npm run demo:reset', [path.join(root, 'tools/demo-reset.ts')], env, {
      cwd: root,
    })
    expect(await reset.ended).toBe(0)
    demo = await start()
    await expect(named('mine')).rejects.toThrow('No mapping mine')
  })
})

async function ownService(name: string): Promise<string> {
  const server = createServer((_request, response) => response.setHeader('x-served-by', name).end(name))
  own.push(server)
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
  return `http://127.0.0.1:${(server.address() as AddressInfo).port}`
}

/** The demo's control plane, as the lock of its data directory names it. */
async function controlPlanePid(): Promise<number> {
  const lock = await readFile(path.join(folder, 'control-plane', 'store.lock'), 'utf8')
  return z.coerce.number().int().positive().parse(/\d+/.exec(lock)?.[0])
}
