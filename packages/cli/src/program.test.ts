import { createServer, type Server } from 'node:http'
import { mkdtemp, readFile, rm, stat } from 'node:fs/promises'
import type { AddressInfo } from 'node:net'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { text } from 'node:stream/consumers'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { buildProgram } from './program.ts'
import type { World } from './world.ts'

interface Seen {
  readonly method: string
  readonly url: string
  readonly headers: Record<string, string | string[] | undefined>
  readonly body: unknown
}

let server: Server
let seen: Seen[]
let answers: Record<string, { status: number; body: unknown }>
let configDir: string
let printed: string[]
let extraEnv: Record<string, string>

beforeEach(async () => {
  seen = []
  answers = {}
  printed = []
  extraEnv = {}
  configDir = await mkdtemp(path.join(tmpdir(), 'crossfade-cli-'))
  server = createServer((request, response) => {
    void text(request).then((body) => {
      const key = `${request.method} ${request.url?.split('?')[0]}`
      seen.push({
        method: request.method ?? '',
        url: request.url ?? '',
        headers: request.headers,
        body: body === '' ? undefined : (JSON.parse(body) as unknown),
      })
      const { status, body: answer } = answers[key] ?? {
        status: 404,
        body: { code: 'not_found', detail: key },
      }
      response.writeHead(status, { 'content-type': 'application/json' }).end(JSON.stringify(answer))
    })
  })
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve))
})

afterEach(async () => {
  server.closeAllConnections()
  await new Promise((resolve) => server.close(resolve))
  await rm(configDir, { recursive: true })
})

const address = () => `http://127.0.0.1:${(server.address() as AddressInfo).port}`

async function run(...args: string[]): Promise<void> {
  const world: World = {
    env: { USER: 'maya', ...extraEnv },
    now: Date.now,
    nodeVersion: '24.0.0',
    out: (line) => printed.push(line),
    err: (line) => printed.push(line),
    readStdin: async () => 'cfp_secret\n',
    configDir,
    runProgram: async () => 0,
  }
  await buildProgram(world, '0.0.0').parseAsync(['node', 'crossfade', ...args])
}

describe('without an address', () => {
  it('says what is missing instead of guessing one', async () => {
    await expect(run('agents')).rejects.toThrow('Say where')
  })
})

describe('signing in', () => {
  it('checks the token, keeps it with mode 0600 and uses it from then on', async () => {
    answers['GET /api/v1/session'] = {
      status: 200,
      body: {
        kind: 'token',
        id: 't1',
        name: 'ci',
        email: null,
        access: { everywhere: 'operator', environments: [] },
      },
    }
    answers['GET /api/v1/agents'] = { status: 200, body: { items: [], nextCursor: null } }
    await run('--url', address(), 'login')

    const file = path.join(configDir, 'credentials.json')
    expect((await stat(file)).mode & 0o777).toBe(0o600)
    expect(JSON.parse(await readFile(file, 'utf8'))).toEqual({ url: address(), token: 'cfp_secret' })

    await run('agents')
    expect(seen.at(-1)?.headers['authorization']).toBe('Bearer cfp_secret')
  })
})

describe('setting a share', () => {
  it('refuses a percentage finer than two decimals before asking anybody', async () => {
    await expect(run('--url', address(), 'share', 'set', 'checkout', '12.345')).rejects.toThrow(
      'two decimals',
    )
    expect(seen).toEqual([])
  })
})

describe('a token for agents', () => {
  const created = {
    id: 't1',
    environmentId: 'default',
    name: 'pods',
    uses: 'many',
    createdAt: '2026-01-01T00:00:00Z',
    createdBy: 'Maya',
    expiresAt: null,
    usedAt: null,
    usedBy: null,
    lastUsedAt: null,
    revokedAt: null,
    token: 'cfa_t1_secret_print',
  }

  it('is for one agent unless it is asked for a fleet, and is printed alone', async () => {
    answers['POST /api/v1/agent-tokens'] = { status: 201, body: created }
    await run('--url', address(), '--token', 't', 'agent-token', 'create', 'edge-1')
    await run('--url', address(), '--token', 't', 'agent-token', 'create', 'pods', '--fleet', '-e', 'staging')
    expect(seen.map(({ body }) => body)).toEqual([
      { name: 'edge-1', environmentId: 'default', uses: 'once' },
      { name: 'pods', environmentId: 'staging', uses: 'many' },
    ])
    expect(printed).toEqual(['cfa_t1_secret_print', 'cfa_t1_secret_print'])
  })
})

describe('the doctor', () => {
  it('names what is wrong, ends with an error, and never says a secret', async () => {
    answers['GET /readyz'] = { status: 503, body: { status: 'not ready' } }
    answers['GET /api/v1/session'] = {
      status: 401,
      body: { code: 'unauthenticated', detail: 'Not valid here' },
    }
    extraEnv = { CROSSFADE_TOKEN: 'cfp_marked' }
    const bad = run('--url', address(), '-o', 'json', 'doctor', '--agent', 'http://127.0.0.1:9')
    await expect(bad).rejects.toThrow('3 of 6 checks failed')
    const report = JSON.parse(printed.join('')) as { findings: { name: string; state: string }[] }
    expect(report.findings.filter(({ state }) => state === 'failed').map(({ name }) => name)).toEqual([
      'control plane',
      'token',
      'agent at http://127.0.0.1:9/',
    ])
    expect(printed.join('')).not.toContain('cfp_marked')
  })

  it('is content with a house in order', async () => {
    answers['GET /readyz'] = { status: 200, body: { status: 'ok' } }
    const access = { everywhere: 'viewer', environments: [] }
    const me = { kind: 'token', id: 't1', name: 'ci', email: null, access }
    answers['GET /api/v1/session'] = { status: 200, body: me }
    answers['GET /api/v1/environments'] = { status: 200, body: { items: [], nextCursor: null } }
    await run('--url', address(), '--token', 't', 'doctor')
    expect(printed.join('\n')).toMatch(
      /ok +control plane +of unknown version, answers in \d+ ms, and is ready/,
    )
    expect(printed.join('\n')).toContain('HTTP/2 and gRPC are not there yet')
  })
})

describe('rolling back on an agent', () => {
  it('needs no control plane and says that it stays until cleared', async () => {
    answers['POST /rollback'] = { status: 200, body: { id: 'e1' } }
    await run('rollback', 'checkout', '--agent', address(), '--agent-token', 'secret', '--reason', 'fire')

    expect(seen).toHaveLength(1)
    expect(seen[0]?.body).toEqual({ names: ['checkout'], by: 'maya', reason: 'fire' })
    expect(seen[0]?.headers['authorization']).toBe('Bearer secret')
    expect(printed.join('\n')).toContain('stays until cleared')
  })

  it('asks for a name or --all', async () => {
    await expect(run('rollback', '--agent', address())).rejects.toThrow(
      'Name a mapping or group, or say --all',
    )
  })
})

describe('a refusal', () => {
  it('is printed with its code and fields', async () => {
    answers['POST /api/v1/explain'] = {
      status: 400,
      body: { code: 'invalid_input', detail: 'Some fields', errors: [{ path: 'url', message: 'too long' }] },
    }
    await expect(run('--url', address(), 'explain', '/x')).rejects.toThrow(
      /invalid_input[\s\S]*url: too long/,
    )
  })
})
