import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type pg from 'pg'

/**
 * Which of several control planes does what one is enough for. It saves work and nothing more: whoever believes to
 * lead still compares and sets what it writes.
 */
export interface Leadership {
  isHeld(): boolean
  start(): void
  stop(): Promise<void>
}

const TRY_MS = 1_000
/** A server that is gone without a word is noticed by this. */
const ASK_MS = 2_000
const ANSWER_MS = 3_000

/** PGlite has one process, which leads. */
export const soleLeadership: Leadership = {
  isHeld: () => true,
  start: () => {},
  stop: async () => {},
}

/**
 * An advisory lock on a connection of its own: the server gives it to another as soon as this connection ends. Where
 * a machine vanishes, keepalives of the server's end it within about ten seconds.
 */
export function createLeadership(parts: {
  readonly lock: number
  readonly connect: () => pg.Client
  readonly clock: Clock
  readonly logger: Logger
}): Leadership {
  const { lock, clock, logger } = parts
  let stopped = false
  let held = false
  let current: pg.Client | null = null
  let cancel = () => {}

  const lose = (client: pg.Client, error?: unknown) => {
    if (current !== client) return
    if (held) logger.warn({ err: error }, 'This control plane no longer runs the ramps')
    held = false
    current = null
    void client.end().catch(() => {})
    again()
  }
  const again = () => {
    cancel()
    if (!stopped) cancel = clock.after(TRY_MS, () => void turn())
  }

  const turn = async () => {
    const client = current ?? parts.connect()
    const isNew = current === null
    current = client
    const late = clock.after(ANSWER_MS, () => lose(client, new Error('The database does not answer')))
    try {
      if (isNew) await open(client)
      if (held) await client.query('SELECT 1')
      else if (await tryLock(client)) {
        held = current === client
        logger.info('This control plane runs the ramps')
      }
    } catch (error) {
      return lose(client, error)
    } finally {
      late()
    }
    if (current !== client) return
    cancel = clock.after(held ? ASK_MS : TRY_MS, () => void turn())
  }

  const open = async (client: pg.Client) => {
    client.on('error', (error) => lose(client, error))
    client.on('end', () => lose(client))
    await client.connect()
    await client.query(
      'SET tcp_keepalives_idle = 5; SET tcp_keepalives_interval = 2; SET tcp_keepalives_count = 3',
    )
  }

  const tryLock = async (client: pg.Client): Promise<boolean> => {
    const { rows } = await client.query<{ held: boolean }>('SELECT pg_try_advisory_lock($1) AS held', [lock])
    return rows[0]?.held === true
  }

  return {
    isHeld: () => held,
    start: () => void turn(),
    async stop() {
      stopped = true
      cancel()
      held = false
      const client = current
      current = null
      await client?.end().catch(() => {})
    },
  }
}
