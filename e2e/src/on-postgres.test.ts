import { execFile } from 'node:child_process'
import path from 'node:path'
import { promisify } from 'node:util'
import { afterEach, beforeEach, describe, expect, it } from 'vitest'
import { client, type Client } from './harness/client.ts'
import { databaseEnv, hasPostgres } from './harness/database.ts'
import { until } from './harness/program.ts'
import { bookPath, byCookie, openScene, restartControlPlane, type Scene } from './harness/scene.ts'
import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'

const run = promisify(execFile)
const canRun = hasPostgres('the tests on Postgres')
let postgres: TestPostgres
let databaseUrl: string
let scene: Scene
let fresh: Client
let env: Record<string, string>

beforeEach(async () => {
  if (!canRun) return
  postgres = await startPostgres()
  databaseUrl = await postgres.createDatabase('crossfade')
  env = databaseEnv(databaseUrl)
  scene = await openScene({ env })
  fresh = client()
})

afterEach(async () => {
  if (!canRun) return
  fresh.close()
  await scene.close()
  await postgres.remove()
})

const servedBy = async (url: string) =>
  (await fresh.ask(url + bookPath, { headers: { cookie: 'uid=a' } })).servedBy
const everywhere = async (side: string) => {
  for (const { url } of scene.agents)
    await until(`${url} on ${side}`, async () => (await servedBy(url)) === side, 10_000)
}

async function tool(name: string, ...args: string[]): Promise<void> {
  await run(path.join(findPostgres() ?? '', name), args)
}

describe.skipIf(!canRun)('on Postgres', () => {
  it('keeps an acknowledged change when the control plane is killed right after it', async () => {
    await scene.call.share(scene.mapping.id, 37.5)
    await scene.controlPlane.program.kill('SIGKILL')
    await restartControlPlane(scene, env)
    expect((await scene.call.showMapping(scene.mapping.id)).split.percent).toBe(37.5)
  })

  it('rolls back on every agent while the database is stopped, and audits it when it is back', async () => {
    const { revision } = await scene.call.share(scene.mapping.id, 100)
    await scene.call.live(revision, 'one', 'two')
    await everywhere('new')

    await postgres.kill()
    const result = await scene.call.rollBack(scene.mapping.id)
    expect(result).toMatchObject({ recorded: false, percent: 0 })
    await everywhere('legacy')

    await postgres.start()
    const recorded = await until('the roll back in the audit trail', async () =>
      (await scene.call.changes()).find(({ act }) => act === 'mapping.rollback'),
    )
    expect(recorded.reason).toMatch(/^test .*recorded late/)
    expect((await scene.call.showMapping(scene.mapping.id)).split.percent).toBe(0)
    await everywhere('legacy')
  })

  it('rolls back on agents that are stuck on a refused snapshot', async () => {
    const { legacy, new: replacement } = scene.mapping
    for (let index = 0; index < 24; index++) {
      await scene.call.mapping(
        byCookie(`extra-${index}`, `/extra/${index}`, legacy.serviceId, replacement.serviceId),
      )
    }
    const { revision } = await scene.call.share(scene.mapping.id, 100)
    await scene.call.live(revision, 'one', 'two')
    // Somebody deletes most mappings behind our back: agents refuse the shrunken snapshot (rule 25).
    await tool('psql', '-q', '-c', `DELETE FROM "Mapping" WHERE name LIKE 'extra-%'`, databaseUrl)
    await scene.call.service('another', scene.legacy.url)
    await until('both agents refuse', async () =>
      (await scene.call.agents()).every(({ refusal }) => refusal?.phase === 'shrunken'),
    )
    await everywhere('new')

    await scene.call.rollBack(scene.mapping.id)
    await everywhere('legacy')
    expect((await scene.call.changes()).map(({ act }) => act)).toContain('mapping.rollback')
    expect((await scene.call.agents()).every((agent) => !agent.inStep)).toBe(true)
  })

  it('begins a new epoch when the database was restored from yesterday, and agents accept it', async () => {
    const dump = `${scene.house.folder}/yesterday.sql`
    await tool('pg_dump', '--clean', '--if-exists', '-f', dump, databaseUrl)
    const { revision } = await scene.call.share(scene.mapping.id, 100)
    await scene.call.live(revision, 'one', 'two')
    const before = (await scene.call.agents())[0]?.running?.epoch

    await scene.controlPlane.program.kill('SIGTERM')
    await tool('psql', '-q', '-v', 'ON_ERROR_STOP=1', '-f', dump, databaseUrl)
    await restartControlPlane(scene, env)

    await until('all agents in a new epoch', async () => {
      const views = await scene.call.agents()
      return views.every((view) => view.state === 'online' && view.inStep && view.running?.epoch !== before)
    })
    await everywhere('legacy')
    expect((await scene.call.changes()).some(({ act }) => act.includes('epoch'))).toBe(true)
  })
})
