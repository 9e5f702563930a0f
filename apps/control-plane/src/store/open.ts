import { fileURLToPath } from 'node:url'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { PrismaPg } from '@prisma/adapter-pg'
import type { AuditKeys } from '../audit/audit-keys.ts'
import { openChain } from './audit-rows.ts'
import { systemAuthor } from './author.ts'
import { pglite, postgres, type Database } from './database.ts'
import { ensureDefaultEnvironment } from './default-environment.ts'
import { StoreOpenError } from './errors.ts'
import { PrismaClient } from './generated/client.ts'
import { createLeadership, soleLeadership } from './leadership.ts'
import { migrate, type MigrationReport } from './migrator.ts'
import { watchRevisions } from './revisions.ts'
import { createStore, type Store } from './store.ts'

export interface StoreSettings {
  /** Null runs PGlite in the data directory. */
  readonly databaseUrl: string | null
  readonly dataDir: string
  readonly auditKeys: AuditKeys
  readonly clock: Clock
  readonly logger: Logger
}

/** Held by the control plane that runs the ramps. */
const RAMPS_LOCK = 72_707_371

export const migrationsDirectory = fileURLToPath(new URL('../../../../prisma/migrations', import.meta.url))

/** Opens the database, brings its schema up to date and makes the first environment. Throws `StoreOpenError`. */
export async function openStore(settings: StoreSettings): Promise<Store> {
  const { databaseUrl, dataDir, logger } = settings
  const database =
    databaseUrl === null ? await pglite({ directory: dataDir }, logger) : postgres(databaseUrl, logger)
  return await openStoreOn(database, { ...settings, migrations: migrationsDirectory })
}

/** The same on a database that is already there, with the migrations of a folder. Closes it when it fails. */
export async function openStoreOn(
  database: Database,
  parts: {
    readonly auditKeys: AuditKeys
    readonly clock: Clock
    readonly logger: Logger
    readonly migrations: string
  },
): Promise<Store> {
  const { auditKeys, clock, logger } = parts
  try {
    report(await updateSchema(database, parts.migrations), logger)
    const prisma = new PrismaClient({ adapter: new PrismaPg(database.pool) })
    const readRevisions = () => prisma.environment.findMany({ select: { id: true, revision: true } })
    const revisions = watchRevisions({
      read: readRevisions,
      start: await readRevisions(),
      connect: database.kind === 'postgres' ? () => database.client() : null,
      clock,
      logger,
    })
    const close = async () => {
      await revisions.stop()
      await prisma.$disconnect()
      await database.close()
    }
    const leadership = () =>
      database.kind === 'pglite'
        ? soleLeadership
        : createLeadership({ lock: RAMPS_LOCK, connect: () => database.client(), clock, logger })
    const store = createStore({
      prisma,
      kind: database.kind,
      revisions,
      auditKeys,
      clock,
      leadership,
      close,
    })
    await openChain(store, auditKeys, systemAuthor, clock.now())
    await ensureDefaultEnvironment(store)
    return store
  } catch (error) {
    await database.close()
    throw error
  }
}

async function updateSchema(database: Database, migrations: string): Promise<MigrationReport> {
  const client = database.client()
  try {
    await client.connect()
  } catch (cause) {
    const why = cause instanceof Error ? cause.message || String(Reflect.get(cause, 'code')) : String(cause)
    throw new StoreOpenError(`The database does not answer: ${why}`, { cause })
  }
  try {
    return await migrate(client, migrations)
  } finally {
    await client.end()
  }
}

function report({ applied, edited }: MigrationReport, logger: Logger): void {
  for (const migration of applied) logger.info({ migration }, 'Schema migration applied')
  for (const migration of edited)
    logger.warn({ migration }, 'A schema migration was edited after it was applied')
}
