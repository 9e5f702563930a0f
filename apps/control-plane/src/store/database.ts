import path from 'node:path'
import type { Logger } from '@crossfade/runtime/logger'
import { Client, Pool } from 'pg'
import { lockDataDirectory } from './directory-lock.ts'
import { StoreOpenError } from './errors.ts'
import { openPglite, type PgliteServer } from './pglite/open-pglite.ts'

/** A database that answers `pg`: Postgres over the network, or PGlite in a worker thread. */
export interface Database {
  readonly kind: 'postgres' | 'pglite'
  /** For queries; every session is in UTC, or Prisma's adapter would shift timestamps. */
  readonly pool: Pool
  /** A connection of its own, not yet connected; the caller ends it. */
  client(): Client
  close(): Promise<void>
}

const CONNECT_MS = 3_000
const QUERY_MS = 30_000
const POOL = { max: 10, connectionTimeoutMillis: CONNECT_MS, query_timeout: QUERY_MS }

export function postgres(url: string, logger: Logger): Database {
  const shared = {
    connectionString: withoutOptions(url),
    application_name: 'crossfade',
    connectionTimeoutMillis: CONNECT_MS,
    keepAlive: true,
  }
  const options = optionsOf(url)
  // A replica that hangs must not hold an environment's row lock for ever.
  const guards = `-c statement_timeout=${QUERY_MS} -c idle_in_transaction_session_timeout=${QUERY_MS}`
  const pool = new Pool({ ...shared, ...POOL, options: `${options} ${guards}`.trim() })
  pool.on('error', (error) => logger.warn({ err: error }, 'A database connection broke'))
  return {
    kind: 'postgres',
    pool,
    client: () => new Client({ ...shared, options }),
    close: () => pool.end(),
  }
}

/** PGlite in `directory`, which this process alone may use, or in memory; optionally from a prepared tar file. */
export async function pglite(
  place: { readonly directory: string | null; readonly template?: Uint8Array },
  logger: Logger,
): Promise<Database & { dump(): Promise<Uint8Array> }> {
  const unlock = place.directory === null ? () => {} : lockDataDirectory(place.directory)
  try {
    const server = await openPglite(
      {
        dataDir: place.directory === null ? null : path.join(place.directory, 'database'),
        template: place.template ?? null,
      },
      (error) => logger.error({ err: error }, 'The thread of the database failed'),
    )
    return overPglite(server, unlock)
  } catch (cause) {
    unlock()
    if (cause instanceof StoreOpenError) throw cause
    const where = place.directory ?? 'memory'
    throw new StoreOpenError(`The database in ${where} cannot be opened: ${String(cause)}`, { cause })
  }
}

function overPglite(server: PgliteServer, unlock: () => void): Database & { dump(): Promise<Uint8Array> } {
  const connection = {
    user: 'crossfade',
    database: 'crossfade',
    host: 'pglite',
    stream: () => server.stream(),
  }
  const pool = new Pool({ ...connection, ...POOL })
  pool.on('error', () => {})
  return {
    kind: 'pglite',
    pool,
    client: () => new Client(connection),
    dump: () => server.dump(),
    async close() {
      await pool.end()
      await server.close()
      unlock()
    },
  }
}

/** `pg` lets the address win over our options, so its own `options` are taken out and joined with ours. */
function optionsOf(url: string): string {
  return `${parse(url).searchParams.get('options') ?? ''} -c TimeZone=UTC`.trim()
}

function withoutOptions(url: string): string {
  const parsed = parse(url)
  if (!parsed.searchParams.has('options')) return url
  parsed.searchParams.delete('options')
  return parsed.href
}

function parse(url: string): URL {
  const parsed = URL.parse(url)
  if (!parsed || !/^postgres(ql)?:$/.test(parsed.protocol)) {
    throw new StoreOpenError('DATABASE_URL must be an address like postgres://user:password@host:5432/name')
  }
  return parsed
}
