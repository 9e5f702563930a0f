import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { systemClock } from '@crossfade/runtime/clock'
import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import { Client } from 'pg'
import { afterAll, beforeAll, describe, expect, it, vi } from 'vitest'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { systemAuthor } from './author.ts'
import { postgres } from './database.ts'
import { quietLogger } from './engines-for-test.ts'
import { migrationsDirectory, openStore, openStoreOn } from './open.ts'
import type { Store } from './store.ts'

/** What only a database that several processes share can show. The suite of both is `contract.test.ts`. */
describe.skipIf(findPostgres() === null)('the store on a shared Postgres', () => {
  let server: TestPostgres
  let folder: string

  beforeAll(async () => {
    server = await startPostgres()
    folder = await mkdtemp(path.join(tmpdir(), 'crossfade-migrations-'))
  })
  afterAll(async () => {
    await server.remove()
    await rm(folder, { recursive: true })
  })

  const open = (databaseUrl: string) =>
    openStore({ databaseUrl, dataDir: '', auditKeys: testAuditKeys, clock: systemClock, logger: quietLogger })
  const openWith = (url: string, migrations: string) =>
    openStoreOn(postgres(url, quietLogger), {
      auditKeys: testAuditKeys,
      clock: systemClock,
      logger: quietLogger,
      migrations,
    })
  const revise = (store: Store) =>
    store.change(systemAuthor, 'default', async (tx) => {
      tx.record({ act: 'x', object: { kind: 'x', id: 'x', name: 'x' }, before: null, after: null })
      return await tx.revise()
    })

  it('lets five replicas start at once: one makes the schema, one the first environment', async () => {
    const url = await server.createDatabase('race')
    const others = Promise.all(Array.from({ length: 4 }, () => open(url)))
    const first = await open(url)
    const stores = [first, ...(await others)]
    expect(await first.prisma.environment.count()).toBe(1)
    expect(await first.prisma.change.count()).toBe(1)
    const history = await first.prisma.$queryRaw<{ finished: boolean }[]>`
      SELECT finished_at IS NOT NULL AS finished FROM _prisma_migrations`
    expect(history.every((row) => row.finished)).toBe(true)
    await Promise.all(stores.map((store) => store.close()))
  })

  it('tells a revision to every replica at once', async () => {
    const url = await server.createDatabase('notify')
    const [writer, reader] = [await open(url), await open(url)]
    const [written, read]: [number[], number[]] = [[], []]
    writer.onRevision((_, revision) => written.push(revision))
    reader.onRevision((_, revision) => read.push(revision))
    await vi.waitFor(async () => {
      const [row] = await reader.prisma.$queryRaw<{ n: bigint }[]>`
        SELECT count(*) AS n FROM pg_stat_activity WHERE datname = 'notify' AND query LIKE 'LISTEN%'`
      expect(row?.n).toBe(2n)
    })
    await revise(writer)
    await vi.waitFor(() => expect(read).toEqual([2]), { timeout: 2_000 })
    expect(written).toEqual([2])
    await Promise.all([writer.close(), reader.close()])
  })

  it('refuses a database that a newer build has changed', async () => {
    const url = await server.createDatabase('newer')
    const newer = path.join(folder, 'newer')
    await cp(migrationsDirectory, newer, { recursive: true })
    await mkdir(path.join(newer, '29990101000000_later'))
    await writeFile(path.join(newer, '29990101000000_later/migration.sql'), 'CREATE TABLE later (id int)')
    await (await openWith(url, newer)).close()
    await expect(open(url)).rejects.toThrow(/newer than this build.*29990101000000_later/)
  })

  it('undoes a schema migration that fails, and refuses to go on until it is settled', async () => {
    const url = await server.createDatabase('broken')
    const broken = path.join(folder, 'broken')
    await cp(migrationsDirectory, broken, { recursive: true })
    await mkdir(path.join(broken, '29990101000000_broken'))
    const sql = 'CREATE TABLE half (id int); SELECT 1/0;'
    await writeFile(path.join(broken, '29990101000000_broken/migration.sql'), sql)
    await expect(openWith(url, broken)).rejects.toThrow(/29990101000000_broken failed: division by zero/)
    await expect(openWith(url, broken)).rejects.toThrow(/failed before: division by zero/)
    const client = new Client({ connectionString: url })
    await client.connect()
    const { rows } = await client.query<{ half: string | null }>(`SELECT to_regclass('half') AS half`)
    expect(rows).toEqual([{ half: null }])
    await client.end()
  })

  it('says that the database does not answer, and goes on when it does again', async () => {
    const own = await startPostgres()
    const store = await open(await own.createDatabase('outage'))
    const heard: number[] = []
    store.onRevision((_, revision) => heard.push(revision))
    await revise(store)
    await own.kill()
    const away = { code: 'store_unavailable' }
    await expect(revise(store)).rejects.toMatchObject(away)
    await expect(store.read((db) => db.environment.count())).rejects.toMatchObject(away)
    expect(await store.isReady()).toBe(false)
    await own.start()
    await vi.waitFor(async () => expect(await store.isReady()).toBe(true), { timeout: 10_000 })
    expect((await revise(store)).revision).toBe(3)
    expect(heard).toEqual([2, 3])
    await store.close()
    await own.remove()
  })

  it('says so when nothing answers at the address, or it is none', async () => {
    await expect(open('postgres://nobody@127.0.0.1:1/none')).rejects.toThrow(/does not answer.*ECONNREFUSED/)
    await expect(open('mysql://x')).rejects.toThrow(/DATABASE_URL must be an address like/)
  })

  it('keeps the options of the address, and UTC on top', async () => {
    const url = await server.createDatabase('options')
    const store = await open(`${url}?options=-c%20work_mem%3D7MB%20-c%20TimeZone%3DAsia%2FTokyo`)
    const [row] = await store.prisma.$queryRaw<object[]>`
      SELECT current_setting('TimeZone') AS zone, current_setting('work_mem') AS memory`
    expect(row).toEqual({ zone: 'UTC', memory: '7MB' })
    await store.close()
  })
})
