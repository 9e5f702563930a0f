import { createHash, randomUUID } from 'node:crypto'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import type { ClientBase } from 'pg'
import { StoreOpenError } from './errors.ts'

export interface MigrationReport {
  readonly applied: readonly string[]
  /** Applied earlier from a file that has changed since. */
  readonly edited: readonly string[]
}

interface Migration {
  readonly name: string
  readonly sql: string
  readonly checksum: string
}

interface HistoryRow {
  readonly migration_name: string
  readonly checksum: string
  readonly finished_at: Date | null
  readonly rolled_back_at: Date | null
  readonly logs: string | null
}

/** Byte for byte what Prisma's schema engine creates, so that its own commands read our history. */
const HISTORY = `CREATE TABLE IF NOT EXISTS _prisma_migrations (
    id                      VARCHAR(36) PRIMARY KEY NOT NULL,
    checksum                VARCHAR(64) NOT NULL,
    finished_at             TIMESTAMPTZ,
    migration_name          VARCHAR(255) NOT NULL,
    logs                    TEXT,
    rolled_back_at          TIMESTAMPTZ,
    started_at              TIMESTAMPTZ NOT NULL DEFAULT now(),
    applied_steps_count     INTEGER NOT NULL DEFAULT 0
)`
/** The key of the advisory lock that Prisma Migrate takes too. */
const LOCK_KEY = 72_707_369

/**
 * Applies the schema migrations that are missing, one replica at a time. Each file goes through the simple query
 * protocol whole, so it is one implicit transaction and may contain functions and triggers.
 */
export async function migrate(client: ClientBase, directory: string): Promise<MigrationReport> {
  const files = await readFiles(directory)
  await client.query('SELECT pg_advisory_lock($1)', [LOCK_KEY])
  try {
    await client.query(HISTORY)
    const done = await readHistory(client, new Set(files.map((file) => file.name)))
    const missing = files.filter((file) => !done.has(file.name))
    for (const file of missing) await apply(client, file)
    return {
      applied: missing.map((file) => file.name),
      edited: files
        .filter((file) => (done.get(file.name) ?? file.checksum) !== file.checksum)
        .map((file) => file.name),
    }
  } finally {
    await client.query('SELECT pg_advisory_unlock($1)', [LOCK_KEY])
  }
}

async function readFiles(directory: string): Promise<Migration[]> {
  const entries = await readdir(directory, { withFileTypes: true })
  const names = entries.filter((entry) => entry.isDirectory()).map((entry) => entry.name)
  return Promise.all(
    names.toSorted().map(async (name) => {
      const sql = await readFile(path.join(directory, name, 'migration.sql'))
      return { name, sql: sql.toString('utf8'), checksum: createHash('sha256').update(sql).digest('hex') }
    }),
  )
}

/** Name → checksum of what is applied. Refuses a history this build cannot go on from. */
async function readHistory(client: ClientBase, known: ReadonlySet<string>): Promise<Map<string, string>> {
  const { rows } = await client.query<HistoryRow>(
    `SELECT migration_name, checksum, finished_at, rolled_back_at, logs FROM _prisma_migrations ORDER BY started_at`,
  )
  const standing = rows.filter((row) => row.rolled_back_at === null)
  const foreign = standing.filter((row) => !known.has(row.migration_name)).map((row) => row.migration_name)
  if (foreign.length > 0) {
    throw new StoreOpenError(
      `The database is newer than this build: it has schema migrations this build does not know (${foreign.join(', ')}). Start the newer build.`,
    )
  }
  const failed = standing.find((row) => row.finished_at === null)
  if (failed) {
    throw new StoreOpenError(
      `The schema migration ${failed.migration_name} failed before: ${failed.logs ?? 'no log'}. Repair the database, then mark the migration as rolled back in _prisma_migrations.`,
    )
  }
  return new Map(standing.map((row) => [row.migration_name, row.checksum]))
}

async function apply(client: ClientBase, migration: Migration): Promise<void> {
  const id = randomUUID()
  await client.query(
    'INSERT INTO _prisma_migrations (id, checksum, migration_name, started_at) VALUES ($1, $2, $3, now())',
    [id, migration.checksum, migration.name],
  )
  try {
    await client.query(migration.sql)
  } catch (cause) {
    const why = cause instanceof Error ? cause.message : String(cause)
    await client.query('ROLLBACK')
    await client.query('UPDATE _prisma_migrations SET logs = $2 WHERE id = $1', [id, why])
    throw new StoreOpenError(`The schema migration ${migration.name} failed: ${why}`, { cause })
  }
  await client.query(
    'UPDATE _prisma_migrations SET finished_at = now(), applied_steps_count = 1 WHERE id = $1',
    [id],
  )
}
