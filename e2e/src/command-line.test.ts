import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { apiTokenCreatedSchema } from '@crossfade/contracts/api/people'
import { everywhere } from '@crossfade/contracts/roles'
import { startProgram } from './harness/program.ts'
import { openScene, type Scene } from './harness/scene.ts'

const cli = path.join(fileURLToPath(new URL('../..', import.meta.url)), 'packages/cli/src/main.ts')

let scene: Scene
let env: Record<string, string>

beforeAll(async () => {
  scene = await openScene({ agents: ['one'] })
  const body = { name: 'cli', access: everywhere('operator') }
  const { token } = await scene.controlPlane.api.call('POST', '/api/v1/tokens', apiTokenCreatedSchema, {
    body,
  })
  env = { CROSSFADE_URL: scene.controlPlane.url, CROSSFADE_TOKEN: token, XDG_CONFIG_HOME: scene.house.folder }
})

afterAll(() => scene.close())

async function crossfade(...args: string[]): Promise<{ code: number; output: string }> {
  const program = startProgram('crossfade', [cli, ...args], env)
  const code = await program.ended
  return { code, output: program.output().trim() }
}

describe('the crossfade command', () => {
  it('sets a share, and the audit trail says it came from the command line', async () => {
    const set = await crossfade('share', 'set', 'chapter', '12.5', '--reason', 'first step')
    expect(set).toMatchObject({
      code: 0,
      output: expect.stringContaining('chapter: 0 % → 12.5 % new') as string,
    })
    const [change] = await scene.call.changes()
    expect(change).toMatchObject({
      act: 'mapping.share',
      source: 'cli',
      reason: 'first step',
      actor: { name: 'cli' },
    })
  })

  it('lists mappings as a table and as JSON', async () => {
    expect((await crossfade('mapping', 'list')).output).toMatch(/^name +match +new[\s\S]*chapter .*12.5 %/)
    const json = await crossfade('-o', 'json', 'mapping', 'list')
    expect(JSON.parse(json.output)).toMatchObject([{ name: 'chapter', split: { percent: 12.5 } }])
  })

  it('explains a request in a sentence', async () => {
    const { output } = await crossfade('explain', '/books/chapter/7', '-H', 'cookie: uid=reader-1')
    expect(output).toMatch(/bucket/i)
  })

  it('shows what agents run', async () => {
    expect((await crossfade('agents')).output).toMatch(/one +online +\d+ of \d+/)
  })

  it('rolls back one mapping, then everything, and tails the audit trail', async () => {
    expect(await crossfade('rollback', 'chapter')).toMatchObject({
      code: 0,
      output: expect.stringMatching(/^mapping chapter: 12.5 % → 0 % at revision \d+$/) as string,
    })
    expect((await crossfade('rollback', '--all')).code).toBe(0)
    expect((await crossfade('audit', 'tail', '-n', '5')).output).toMatch(/mapping\.rollback +chapter/)
  })

  it('prints a sign-in link for whoever can read the data directory', async () => {
    const { output } = await crossfade('admin', 'link', '--data-dir', scene.controlPlane.dataDir)
    expect(output).toMatch(/^http:\/\/127\.0\.0\.1:\d+\/link#\S{20,}$/)
  })

  it('examines everything and finds a house in order', async () => {
    const [agent] = scene.agents
    const { code, output } = await crossfade('doctor', '--agent', agent.adminUrl)
    expect(output).toMatch(/ok +control plane +\d+\.\d+\.\d+, answers in \d+ ms, and is ready/)
    expect(output).toMatch(/ok +clock/)
    expect(output).toMatch(/ok +agent one +runs revision \d+/)
    expect(output).toMatch(/CROSSFADE_TOKEN +\(set, hidden\)/)
    expect(output).not.toContain(env['CROSSFADE_TOKEN'])
    expect(code).toBe(0)
  })

  it('ends with 1 and the reason for a refusal, and with 2 for a wrong call', async () => {
    const refused = await crossfade('share', 'set', 'nothing', '5')
    expect(refused).toEqual({
      code: 1,
      output: 'crossfade: There is no mapping or group called nothing in default',
    })
    expect((await crossfade('share', 'sett')).code).toBe(2)
  })
})
