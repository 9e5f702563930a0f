import { createHash } from 'node:crypto'
import { existsSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from 'node:fs'
import path from 'node:path'
import { fileURLToPath } from 'node:url'
import { systemClock, type Clock } from '@crossfade/runtime/clock'
import { createLogger } from '@crossfade/runtime/logger'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { pglite } from './database.ts'
import { migrationsDirectory, openStoreOn } from './open.ts'
import type { Store } from './store.ts'

const cache = fileURLToPath(new URL('../../../../node_modules/.cache/crossfade', import.meta.url))

/** A fresh store in memory, for tests: a copy of one prepared once for these schema migrations. Close it. */
export async function openStoreForTest(options: { readonly clock?: Clock } = {}): Promise<Store> {
  const parts = {
    auditKeys: testAuditKeys,
    clock: options.clock ?? systemClock,
    logger: createLogger('store', 'silent'),
    migrations: migrationsDirectory,
  }
  const file = path.join(cache, `store-${fingerprint()}.tar`)
  if (!existsSync(file)) await prepare(file, parts)
  const database = await pglite({ directory: null, template: readFileSync(file) }, parts.logger)
  return await openStoreOn(database, parts)
}

async function prepare(file: string, parts: Parameters<typeof openStoreOn>[1]): Promise<void> {
  const database = await pglite({ directory: null }, parts.logger)
  const store = await openStoreOn({ ...database, close: async () => {} }, parts)
  await store.prisma.change.count()
  await store.close()
  const bytes = await database.dump()
  await database.close()
  mkdirSync(cache, { recursive: true })
  const draft = `${file}.${process.pid}`
  writeFileSync(draft, bytes)
  renameSync(draft, file)
}

function fingerprint(): string {
  const hash = createHash('sha256').update(process.version)
  hash.update(readFileSync(fileURLToPath(import.meta.resolve('@electric-sql/pglite'))))
  for (const name of readdirSync(migrationsDirectory).toSorted()) {
    const sql = path.join(migrationsDirectory, name, 'migration.sql')
    if (existsSync(sql)) hash.update(readFileSync(sql))
  }
  return hash.digest('hex').slice(0, 16)
}
