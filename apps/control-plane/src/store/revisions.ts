import type { Clock } from '@crossfade/runtime/clock'
import { every } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type pg from 'pg'

export const CHANNEL = 'crossfade_revision'
const POLL_MS = 5_000
const RECONNECT_MS = 1_000

export type RevisionListener = (environmentId: string, revision: number) => void
export interface EnvironmentRevision {
  readonly id: string
  readonly revision: number
}

/**
 * Tells listeners of each environment's revisions once, rising: after our own commits at once, of other replicas
 * by NOTIFY, and by a poll for what a broken connection swallowed.
 */
export interface Revisions {
  on(listener: RevisionListener): () => void
  committed(environmentId: string, revision: number): void
  stop(): Promise<void>
}

export function watchRevisions(parts: {
  readonly read: () => Promise<readonly EnvironmentRevision[]>
  /** What the store opened with. */
  readonly start: readonly EnvironmentRevision[]
  /** A new connection to listen on; null where no other process writes. */
  readonly connect: (() => pg.Client) | null
  readonly clock: Clock
  readonly logger: Logger
}): Revisions {
  const { clock, logger } = parts
  const known = new Map(parts.start.map((row) => [row.id, row.revision]))
  /** Environments whose stored revision was found lower than known: a restored database, if found twice. */
  let lower = new Set<string>()
  const listeners = new Set<RevisionListener>()

  const tell = (environmentId: string, revision: number) => {
    known.set(environmentId, revision)
    for (const listener of listeners) {
      try {
        listener(environmentId, revision)
      } catch (error) {
        logger.error({ err: error }, 'A listener for revisions failed')
      }
    }
  }
  const heard = (environmentId: string, revision: number) => {
    if (revision > (known.get(environmentId) ?? 0)) tell(environmentId, revision)
  }

  const poll = async () => {
    const before = new Map(known)
    const rows = await parts.read()
    const nowLower = new Set<string>()
    for (const { id, revision } of rows) {
      // What a commit overtook while we read is no sign of a restored database.
      const overtaken = known.get(id) !== before.get(id)
      if (overtaken || revision >= (known.get(id) ?? 0)) heard(id, revision)
      else if (lower.has(id)) tell(id, revision)
      else nowLower.add(id)
    }
    lower = nowLower
  }
  const onPollError = (error: unknown) => logger.debug({ err: error }, 'Revisions could not be read')
  const stopPolling = every(clock, POLL_MS, poll, onPollError)
  const stopListening = parts.connect
    ? listen({ connect: parts.connect, heard, poll: () => void poll().catch(onPollError), clock, logger })
    : async () => {}

  return {
    on(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    committed: heard,
    async stop() {
      stopPolling()
      await stopListening()
    },
  }
}

/** Keeps one connection listening; each time it comes up, `poll` reads what may have been missed. */
function listen(parts: {
  readonly connect: () => pg.Client
  readonly heard: RevisionListener
  readonly poll: () => void
  readonly clock: Clock
  readonly logger: Logger
}): () => Promise<void> {
  let stopped = false
  let cancel = () => {}
  let current: pg.Client | null = null

  const start = () => {
    const client = parts.connect()
    current = client
    let over = false
    const again = (error?: unknown) => {
      if (over || stopped) return
      over = true
      parts.logger.warn({ err: error }, 'The connection that listens for revisions broke')
      void client.end().catch(() => {})
      cancel = parts.clock.after(RECONNECT_MS, start)
    }
    client.on('error', again)
    client.on('end', () => again())
    client.on('notification', ({ payload }) => {
      const separator = payload?.lastIndexOf(' ') ?? -1
      if (payload && separator > 0)
        parts.heard(payload.slice(0, separator), Number(payload.slice(separator + 1)))
    })
    client
      .connect()
      .then(() => client.query(`LISTEN ${CHANNEL}`))
      .then(parts.poll)
      .catch(again)
  }
  start()

  return async () => {
    stopped = true
    cancel()
    await current?.end().catch(() => {})
  }
}
