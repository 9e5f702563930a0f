import { findPostgres, startPostgres, type TestPostgres } from '@crossfade/testkit/postgres'
import { systemClock, type Clock } from '@crossfade/runtime/clock'
import { createLogger } from '@crossfade/runtime/logger'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { openStoreForTest } from './open-for-test.ts'
import { openStore } from './open.ts'
import type { Store } from './store.ts'

/** A kind of database that a suite runs on. */
export interface TestEngine {
  readonly name: 'PGlite' | 'Postgres'
  start(): Promise<void>
  /** A store on a fresh database. */
  open(options?: { readonly clock?: Clock }): Promise<Store>
  stop(): Promise<void>
}

export const quietLogger = createLogger('store', 'silent')

/** PGlite always, and a real Postgres where the machine has one; in CI it must have one. */
export function testEngines(): TestEngine[] {
  const inMemory: TestEngine = {
    name: 'PGlite',
    start: async () => {},
    open: (options) => openStoreForTest(options),
    stop: async () => {},
  }
  if (findPostgres() !== null) return [inMemory, { name: 'Postgres', ...onPostgres() }]
  const missing = 'PostgreSQL is not installed here'
  if (process.env['CI'] === 'true') throw new Error(missing)
  process.stderr.write(`\n*** ${missing}: this suite runs on PGlite only ***\n`)
  return [inMemory]
}

/** The server's own time zone is far from UTC, so that whatever leans on it fails. */
function onPostgres(): Pick<TestEngine, 'start' | 'open' | 'stop'> {
  let server: TestPostgres | null = null
  let databases = 0
  return {
    async start() {
      server = await startPostgres({ timeZone: 'America/New_York' })
    },
    async open({ clock = systemClock } = {}) {
      if (!server) throw new Error('The server has not been started')
      const databaseUrl = await server.createDatabase(`store_${++databases}`)
      return await openStore({
        databaseUrl,
        dataDir: '',
        auditKeys: testAuditKeys,
        clock,
        logger: quietLogger,
      })
    },
    async stop() {
      await server?.remove()
    },
  }
}
