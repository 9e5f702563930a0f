import { PGlite } from '@electric-sql/pglite'
import { DriverAdapterError } from '@prisma/driver-adapter-utils'
import type { SqlDriverAdapter, SqlMigrationAwareDriverAdapterFactory } from '@prisma/driver-adapter-utils'
import { PrismaPGlite } from 'pglite-prisma-adapter'

/**
 * PGlite for Prisma's schema engine. The published adapter does not wait for `executeScript` (errors are lost as
 * unhandled rejections) and never closes its shadow database; this repairs both.
 */
export async function memoryAdapter(): Promise<SqlMigrationAwareDriverAdapterFactory> {
  const database = await PGlite.create()
  return {
    provider: 'postgres',
    adapterName: 'crossfade-pglite',
    connect: () => repaired(database, false),
    connectToShadowDb: async () => repaired(await PGlite.create(), true),
  }
}

async function repaired(database: PGlite, closeOnDispose: boolean): Promise<SqlDriverAdapter> {
  const adapter: SqlDriverAdapter = await new PrismaPGlite(database).connect()
  adapter.executeScript = async (script) => {
    await database.exec(script).catch((error: unknown) => {
      throw new DriverAdapterError(describe(error))
    })
  }
  adapter.dispose = async () => {
    if (closeOnDispose) await database.close()
  }
  return adapter
}

function describe(error: unknown) {
  const text = (name: string) => {
    const value: unknown = typeof error === 'object' && error !== null ? Reflect.get(error, name) : undefined
    return typeof value === 'string' ? value : undefined
  }
  return {
    kind: 'postgres' as const,
    code: text('code') ?? 'N/A',
    severity: text('severity') ?? 'ERROR',
    message: text('message') ?? String(error),
    detail: text('detail'),
    column: text('column'),
    hint: text('hint'),
  }
}
