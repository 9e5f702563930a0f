import { createServer, type AddressInfo, type Server } from 'node:net'
import path from 'node:path'
import { mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { fileURLToPath } from 'node:url'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { freePort } from '@crossfade/testkit/free-port'
import { startProgram, until } from './harness/program.ts'

const root = fileURLToPath(new URL('../..', import.meta.url))
const controlPlane = path.join(root, 'apps/control-plane/src/main.ts')
const agent = path.join(root, 'apps/agent/dist/agent.mjs')
const token = `cfa_someid_${'s'.repeat(43)}_${'0'.repeat(32)}`

let folder: string
let squatter: Server
let taken: number

beforeEach(async () => {
  folder = await mkdtemp(path.join(tmpdir(), 'cf-up-'))
  squatter = createServer()
  await new Promise<void>((resolve) => squatter.listen(0, '127.0.0.1', resolve))
  taken = (squatter.address() as AddressInfo).port
})

afterEach(async () => {
  await new Promise((resolve) => squatter.close(resolve))
  await rm(folder, { recursive: true, force: true })
})

/** What is left when the log lines are taken away: the one message for the person who started it. */
function lastWords(output: string): string {
  return output
    .split('\n')
    .filter((line) => line !== '' && !line.startsWith('{'))
    .join('\n')
}

const agentEnv = (more: Record<string, string>) => ({
  CROSSFADE_CONTROL_URL: 'http://127.0.0.1:9',
  CROSSFADE_AGENT_TOKEN: token,
  CROSSFADE_AGENT_NAME: 'one',
  CROSSFADE_STATE_DIR: path.join(folder, 'agent'),
  ...more,
})

describe('a control plane that cannot start', () => {
  it('says in one line that the port is in use', async () => {
    const env = { CROSSFADE_PORT: String(taken), CROSSFADE_DATA_DIR: path.join(folder, 'cp') }
    const program = startProgram('control-plane', [controlPlane], env)
    expect(await program.ended).toBe(1)
    expect(lastWords(program.output())).toMatch(new RegExp(`^Port ${taken} is in use; .*CROSSFADE_PORT$`))
  })

  it('says in one line that the data directory is already open, and leaves the first one alone', async () => {
    const dataDir = path.join(folder, 'cp')
    const port = await freePort()
    const first = startProgram('first', [controlPlane], {
      CROSSFADE_PORT: String(port),
      CROSSFADE_DATA_DIR: dataDir,
    })
    await until('the first is ready', async () => (await fetch(`http://127.0.0.1:${port}/readyz`)).ok, 90_000)
    const second = startProgram('second', [controlPlane], {
      CROSSFADE_PORT: String(await freePort()),
      CROSSFADE_DATA_DIR: dataDir,
    })
    expect(await second.ended).toBe(1)
    expect(lastWords(second.output())).toMatch(
      /^The data directory .* is already open in another process \(pid \d+\)/,
    )
    expect((await fetch(`http://127.0.0.1:${port}/readyz`)).status).toBe(200)
    expect(await first.kill()).toBe(0)
  })

  it('names every wrong setting at once and ends with 64', async () => {
    const program = startProgram('control-plane', [controlPlane], {
      CROSSFADE_PORT: '99999',
      CROSSFADE_HOST: '0.0.0.0',
      DATABASE_URL: 'mysql://nowhere',
      CROSSFADE_COLOUR: 'blue',
    })
    expect(await program.ended).toBe(64)
    for (const name of [
      'CROSSFADE_PORT',
      'CROSSFADE_HOST',
      'DATABASE_URL',
      'CROSSFADE_SIGNING_KEY',
      'CROSSFADE_COLOUR',
    ]) {
      expect(lastWords(program.output())).toContain(name)
    }
  })
})

describe('an agent that cannot start', () => {
  it('says in one line which port is in use', async () => {
    const listen = {
      CROSSFADE_LISTEN: `127.0.0.1:${taken}`,
      CROSSFADE_ADMIN_LISTEN: `127.0.0.1:${await freePort()}`,
    }
    const program = startProgram('agent', [agent], agentEnv(listen))
    expect(await program.ended).toBe(1)
    expect(lastWords(program.output())).toMatch(new RegExp(`${taken}.* in use`))
    expect(lastWords(program.output()).split('\n')).toHaveLength(1)
  })

  it('names every wrong setting at once, never repeating a secret, and ends with 64', async () => {
    const program = startProgram('agent', [agent], {
      CROSSFADE_CONTROL_URL: 'ftp://x',
      CROSSFADE_AGENT_TOKEN: 'hunter2-is-no-token',
      CROSSFADE_LISTEN: 'everywhere',
    })
    expect(await program.ended).toBe(64)
    for (const name of ['CROSSFADE_CONTROL_URL', 'CROSSFADE_AGENT_TOKEN', 'CROSSFADE_LISTEN']) {
      expect(lastWords(program.output())).toContain(name)
    }
    expect(program.output()).not.toContain('hunter2')
  })
})
