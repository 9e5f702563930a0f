import { existsSync } from 'node:fs'
import { readFile, readdir } from 'node:fs/promises'
import path from 'node:path'
import { bindMigrationAwareSqlAdapterFactory } from '@prisma/driver-adapter-utils'
import { SchemaEngine, type DiffResult } from '@prisma/schema-engine-wasm'
import { memoryAdapter } from './pglite-adapter.ts'

/**
 * Prisma's own schema engine as the WebAssembly that npm ships, over a throw-away PGlite: nothing is downloaded
 * and no database is needed.
 */
export const MIGRATIONS = 'prisma/migrations'
const SCHEMA = 'prisma/schema.prisma'

/** What schema.prisma has and the migrations lack, as SQL; null when they agree. */
export async function missingMigration(): Promise<string | null> {
  const engine = await openEngine()
  const migrations = await readMigrations()
  const result: DiffResult = await engine.diff({
    from:
      migrations.migrationDirectories.length > 0 ? { tag: 'migrations', ...migrations } : { tag: 'empty' },
    to: { tag: 'schemaDatamodel', files: [await schemaFile()] },
    script: true,
    exitCode: true,
    filters: { externalTables: [], externalEnums: [] },
  })
  return result.exitCode === 0 ? null : (result.stdout ?? '')
}

async function openEngine(): Promise<SchemaEngine> {
  const { path: name, content } = await schemaFile()
  const adapter = bindMigrationAwareSqlAdapterFactory(await memoryAdapter())
  return await SchemaEngine.new({ datamodels: [[name, content]] }, () => {}, adapter)
}

async function schemaFile() {
  return { path: SCHEMA, content: await readFile(SCHEMA, 'utf8') }
}

async function readMigrations() {
  const entries = existsSync(MIGRATIONS) ? await readdir(MIGRATIONS, { withFileTypes: true }) : []
  const names = entries
    .filter((entry) => entry.isDirectory())
    .map((entry) => entry.name)
    .toSorted()
  const lock = path.join(MIGRATIONS, 'migration_lock.toml')
  return {
    baseDir: path.resolve(MIGRATIONS),
    lockfile: {
      path: 'migration_lock.toml',
      content: existsSync(lock) ? await readFile(lock, 'utf8') : null,
    },
    shadowDbInitScript: '',
    migrationDirectories: await Promise.all(names.map(migrationDirectory)),
  }
}

async function migrationDirectory(name: string) {
  const value = await readFile(path.join(MIGRATIONS, name, 'migration.sql'), 'utf8')
  return { path: name, migrationFile: { path: 'migration.sql', content: { tag: 'ok' as const, value } } }
}
