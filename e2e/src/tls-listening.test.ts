import { once } from 'node:events'
import { mkdtempSync, renameSync, rmSync, writeFileSync } from 'node:fs'
import { Agent as HttpsAgent, request } from 'node:https'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { connect, type TLSSocket } from 'node:tls'
import { freePort } from '@crossfade/testkit/free-port'
import { anAuthority, type Pair } from '@crossfade/testkit/certificates'
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest'
import { openHouse } from './harness/house.ts'
import { recordingService, type RecordingService } from './harness/recording-service.ts'
import { startProgram, until } from './harness/program.ts'
import { openStage, snapshotOf, type Stage } from './resilience/stage.ts'

const authority = anAuthority()
const standard = authority.issue({ names: ['DNS:standard.test'] })
const shop = authority.issue({ names: ['DNS:shop.test'] })

let folder: string
let legacy: RecordingService
let stage: Stage | null = null
let port: number

/** As careful programs do: each file whole at once. */
const put = (name: string, { cert, key }: Pair) => {
  for (const [ending, text] of [
    ['crt', cert],
    ['key', key],
  ] as const) {
    writeFileSync(path.join(folder, `.${name}.${ending}`), text)
    renameSync(path.join(folder, `.${name}.${ending}`), path.join(folder, `${name}.${ending}`))
  }
}
const own = () => ({
  CROSSFADE_TLS_CERT: path.join(folder, 'standard.crt'),
  CROSSFADE_TLS_KEY: path.join(folder, 'standard.key'),
})

beforeAll(async () => {
  legacy = await recordingService('legacy')
})
afterAll(() => legacy.close())
afterEach(async () => {
  await stage?.close()
  stage = null
  rmSync(folder, { recursive: true, force: true })
})

async function open(): Promise<Stage> {
  folder = mkdtempSync(path.join(tmpdir(), 'cf-listening-'))
  put('standard', standard)
  put('shop.test', shop)
  port = await freePort()
  stage = await openStage(snapshotOf({ legacyUrl: legacy.url, newUrl: legacy.url }), {
    CROSSFADE_TLS_LISTEN: `127.0.0.1:${port}`,
    CROSSFADE_TLS_DIR: folder,
    ...own(),
  })
  return stage
}

async function nameShown(servername: string): Promise<string | undefined> {
  const socket: TLSSocket = connect({ host: '127.0.0.1', port, ca: authority.cert, servername })
  await once(socket, 'secureConnect')
  const name = socket.getPeerX509Certificate()?.subjectAltName
  socket.destroy()
  return name
}

/** The status, or why there was none. */
function ask(agent: HttpsAgent): Promise<number | string> {
  return new Promise((resolve) => {
    const options = { host: '127.0.0.1', port, ca: authority.cert, servername: 'standard.test', agent }
    const asking = request({ ...options, path: '/books/1' }, (answer) => {
      answer.resume()
      answer.on('end', () => resolve(answer.statusCode ?? 0))
      answer.on('error', (error) => resolve(error.message))
    })
    asking.on('error', (error) => resolve(error.message))
    asking.end()
  })
}

describe('an agent that serves over TLS', () => {
  it('shows each host its certificate, and tells services the truth', async () => {
    await open()
    expect(await nameShown('shop.test')).toBe('DNS:shop.test')
    expect(await nameShown('standard.test')).toBe('DNS:standard.test')
    expect(await ask(new HttpsAgent())).toBe(200)
    expect(legacy.received.at(-1)?.headers['x-forwarded-proto']).toBe('https')
  })

  it('takes up new certificates under load without a request lost', async () => {
    await open()
    const kept = new HttpsAgent({ keepAlive: true, maxSockets: 4 })
    const fresh = new HttpsAgent({ maxCachedSessions: 0 })
    const outcomes = new Map<number | string, number>()
    let count = 0
    const over = new AbortController()
    const load = Promise.all(
      [kept, kept, kept, kept, fresh, fresh].map(async (agent) => {
        while (!over.signal.aborted) {
          const outcome = await ask(agent)
          outcomes.set(outcome, (outcomes.get(outcome) ?? 0) + 1)
          count += 1
        }
      }),
    )
    for (const round of [1, 2, 3]) {
      const before = count
      await until('load', () => count > before + 30)
      const name = `DNS:round-${round}.test`
      put('standard', authority.issue({ names: ['DNS:standard.test', name] }))
      await until('the new one is shown', async () => (await nameShown('standard.test'))?.includes(name))
    }
    over.abort()
    await load
    kept.destroy()
    expect([...outcomes.keys()]).toEqual([200])
  })

  it('keeps what it had when what comes cannot be used, and says so loudly', async () => {
    const { agent } = await open()
    put('standard', { cert: standard.cert, key: shop.key })
    await until('refused', () => agent.program.output().includes('A changed certificate is refused'))
    expect(await nameShown('standard.test')).toBe('DNS:standard.test')
    const readiness = await (await fetch(`${agent.adminUrl}/readyz?verbose`)).text()
    expect(readiness).toContain('standard.crt; the certificate before stays in use')
    expect(agent.program.output() + readiness).not.toContain('PRIVATE KEY')
  })
})

describe('an agent that cannot serve over TLS as told', () => {
  const refusal = async (env: Record<string, string>): Promise<string> => {
    const house = await openHouse()
    const program = startProgram(
      'agent',
      ['apps/agent/dist/agent.mjs'],
      {
        CROSSFADE_CONTROL_URL: 'http://127.0.0.1:1',
        CROSSFADE_AGENT_TOKEN: `cfa_id_${'s'.repeat(32)}_${'0a'.repeat(16)}`,
        CROSSFADE_STATE_DIR: path.join(house.folder, 'state'),
        CROSSFADE_LISTEN: '127.0.0.1:0',
        CROSSFADE_ADMIN_LISTEN: '127.0.0.1:0',
        ...env,
      },
      { cwd: path.join(import.meta.dirname, '../..') },
    )
    const code = await program.ended
    await house.close()
    return `${code} ${program.output()}`
  }
  const listen = { CROSSFADE_TLS_LISTEN: '127.0.0.1:0' }

  it('names the setting and the file before it starts', async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cf-listening-'))
    put('standard', { cert: standard.cert, key: shop.key })
    writeFileSync(path.join(folder, 'alone.crt'), shop.cert)
    const said = await refusal({
      ...listen,
      ...own(),
      CROSSFADE_TLS_DIR: folder,
      CROSSFADE_CONTROL_CA: '/nowhere.pem',
    })
    expect(said).toMatch(/^64 Cannot start:\n {2}CROSSFADE_CONTROL_CA: \/nowhere\.pem is not there/)
    const without = await refusal({ ...listen, ...own(), CROSSFADE_TLS_DIR: folder })
    expect(without).toMatch(/^64 Cannot start:/)
    expect(without).toContain(`CROSSFADE_TLS_CERT: the key in ${folder}/standard.key is not that of`)
    expect(without).toContain(`CROSSFADE_TLS_DIR: ${folder}/alone.key is not there`)
  })

  it('names what does not go together, and a key in place of its path without repeating it', async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cf-listening-'))
    expect(await refusal(listen)).toContain('CROSSFADE_TLS_LISTEN: give CROSSFADE_TLS_CERT and _KEY')
    const said = await refusal({
      ...listen,
      CROSSFADE_TLS_CERT: '/cert.pem',
      CROSSFADE_CONTROL_KEY: shop.key,
    })
    expect(said).toMatch(/^64 /)
    expect(said).toContain('CROSSFADE_TLS_CERT and CROSSFADE_TLS_KEY: give both or none')
    expect(said).toContain('CROSSFADE_CONTROL_KEY: Give the path of a file')
    expect(said).not.toContain('BEGIN')
  })

  it('TLS-06: does not start where a variable of the process would switch verification off', async () => {
    folder = mkdtempSync(path.join(tmpdir(), 'cf-listening-'))
    const said = await refusal({ NODE_TLS_REJECT_UNAUTHORIZED: '0' })
    expect(said).toMatch(/64 (.*\n)*Cannot start:\n {2}NODE_TLS_REJECT_UNAUTHORIZED: 0 would believe/)
    const program = startProgram(
      'control-plane',
      ['apps/control-plane/src/main.ts'],
      { NODE_TLS_REJECT_UNAUTHORIZED: '0' },
      {
        cwd: path.join(import.meta.dirname, '../..'),
      },
    )
    expect(await program.ended).toBe(64)
    expect(program.output()).toContain('NODE_TLS_REJECT_UNAUTHORIZED: 0 would believe')
  })
})
