import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { cp, mkdir, mkdtemp, readFile, readdir, rm, stat, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock } from '@crossfade/runtime/clock'
import { afterAll, beforeAll, describe, expect, it } from 'vitest'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { systemAuthor } from './author.ts'
import { pglite } from './database.ts'
import { quietLogger } from './engines-for-test.ts'
import { migrationsDirectory, openStore, openStoreOn } from './open.ts'
import type { Store } from './store.ts'

/** What only a database in a directory can show. The suite of both is `contract.test.ts`. */
describe('the store in a data directory', () => {
  let root: string

  beforeAll(async () => {
    root = await mkdtemp(path.join(tmpdir(), 'crossfade-data-'))
    await (await open(path.join(root, 'prepared'))).close()
  })
  afterAll(() => rm(root, { recursive: true }))

  const open = (dataDir: string) =>
    openStore({
      databaseUrl: null,
      dataDir,
      auditKeys: testAuditKeys,
      clock: systemClock,
      logger: quietLogger,
    })
  /** A directory of its own with a database in it, which is quicker to copy than to make. */
  const directory = async (name: string) => {
    const dataDir = path.join(root, name)
    await cp(path.join(root, 'prepared'), dataDir, { recursive: true })
    return dataDir
  }
  const revise = (store: Store) => store.change(systemAuthor, 'default', (tx) => tx.revise())
  const revisionIn = async (store: Store) =>
    (await store.prisma.environment.findUniqueOrThrow({ where: { id: 'default' } })).revision

  it('is for one process at a time, and has its data when it is opened again', async () => {
    const dataDir = await directory('again')
    const store = await open(dataDir)
    await revise(store)
    await expect(open(dataDir)).rejects.toThrow(/already open in another process \(pid \d+\)/)
    expect(await revisionIn(store)).toBe(2)
    await store.close()

    const again = await open(dataDir)
    expect(await revisionIn(again)).toBe(2)
    expect(await again.prisma.change.count()).toBe(1)
    await again.close()
  })

  it('refuses a directory that a newer build has changed, and gives it free', async () => {
    const dataDir = await directory('newer')
    const newer = path.join(root, 'migrations')
    await cp(migrationsDirectory, newer, { recursive: true })
    await mkdir(path.join(newer, '29990101000000_later'))
    await writeFile(path.join(newer, '29990101000000_later/migration.sql'), 'CREATE TABLE later (id int)')
    const parts = { auditKeys: testAuditKeys, clock: systemClock, logger: quietLogger, migrations: newer }
    await (await openStoreOn(await pglite({ directory: dataDir }, quietLogger), parts)).close()
    await expect(open(dataDir)).rejects.toThrow(/newer than this build/)
    await (await openStoreOn(await pglite({ directory: dataDir }, quietLogger), parts)).close()
  })

  it('keeps what was acknowledged when its process is killed, and takes over the dead one’s lock', async () => {
    const dataDir = await directory('killed')
    const program = fileURLToPath(new URL('revise-worker.ts', import.meta.url))
    const child = spawn(process.execPath, [program, dataDir], { stdio: ['ignore', 'pipe', 'inherit'] })
    let acknowledged = 0
    child.stdout.on('data', (chunk: Buffer) => {
      acknowledged = Number(chunk.toString().trim().split('\n').at(-1))
      if (acknowledged > 30) child.kill('SIGKILL')
    })
    await once(child, 'close')
    expect(acknowledged).toBeGreaterThan(30)
    expect(await readFile(path.join(dataDir, 'store.lock'), 'utf8')).toContain(String(child.pid))
    const store = await open(dataDir)
    expect(await revisionIn(store)).toBeGreaterThanOrEqual(acknowledged)
    await store.close()
  })

  it('does not stall the program while a query is heavy', async () => {
    const store = await open(await directory('heavy'))
    let longest = 0
    let last = performance.now()
    const tick = setInterval(() => {
      longest = Math.max(longest, performance.now() - last)
      last = performance.now()
    }, 1)
    const started = performance.now()
    await store.prisma.$queryRaw`SELECT count(*) FROM generate_series(1, 5000000) AS n`
    clearInterval(tick)
    expect(longest).toBeLessThan((performance.now() - started) / 2)
    await store.close()
  })

  it('makes its directory for nobody else, and leaves only the database in it', async () => {
    const dataDir = path.join(root, 'made', 'on', 'the', 'way')
    const store = await open(dataDir)
    expect(await readdir(dataDir)).toEqual(expect.arrayContaining(['database', 'store.lock']))
    expect((await stat(dataDir)).mode & 0o777).toBe(0o700)
    await store.close()
    expect(await readdir(dataDir)).toEqual(['database'])
  })
})
