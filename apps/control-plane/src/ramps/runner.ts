import type { Part } from '@crossfade/runtime/lifecycle'
import { atMost, every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import { Problem } from '@crossfade/contracts/problems'
import { LostRace } from '../acts/ramp-commit.ts'
import type { Leadership } from '../store/leadership.ts'
import { findRamps, liveRamps } from '../store/ramps.ts'
import { reportedSince } from '../store/series-marks.ts'
import { targetsOf } from '../store/share-holders.ts'
import type { Store } from '../store/store.ts'
import { takeTurn, type RampEntry, type Surroundings } from './turn.ts'

export interface RampRunner extends Part {
  /** Looks at every ramp once; what the clock does each second. */
  turn(): Promise<void>
}

const EVERY_MS = 1_000
/** Agents without traffic for so long hold nothing back (rule 16). */
const ACTIVE_MS = 60_000
/** How long a turn under way may take when the program ends; it is safe to leave it. */
const GOODBYE_MS = 2_000

/**
 * Ticks every ramp that is under way or on guard, once a second, on the one control plane that is elected. What it
 * remembers between turns is a copy: a write that finds another state in the database is dropped, and the ramp is
 * read again. So two that both believe to be elected, or one that dies at any step, repeat and skip nothing.
 */
export function createRampRunner(parts: {
  readonly store: Store
  readonly leadership: Leadership
  readonly clock: Clock
  readonly logger: Logger
}): RampRunner {
  const { store, leadership, clock, logger } = parts
  const entries = new Map<string, RampEntry>()
  let stopTurns = () => {}
  let running: Promise<void> = Promise.resolve()
  let isAway = false

  const turn = async () => {
    if (!leadership.isHeld()) return entries.clear()
    await refresh()
    if (entries.size === 0) return
    const around = await lookAround()
    for (const [id, entry] of entries) {
      try {
        await takeTurn({ store, clock }, entry, around)
      } catch (error) {
        if (isStoreAway(error)) throw error
        entries.delete(id)
        const isRace = error instanceof LostRace
        if (!isRace) logger.error({ err: error, rampId: id }, 'A ramp could not take its turn')
      }
    }
    if (isAway) logger.info('Ramps go on: the database answers again')
    isAway = false
  }

  /** Reads what is new, or was written by somebody else. */
  const refresh = async () => {
    const live = await store.read(liveRamps)
    const alive = new Set(live.map(({ id }) => id))
    for (const id of entries.keys()) if (!alive.has(id)) entries.delete(id)
    const stale = live.filter(({ id, saves }) => entries.get(id)?.ramp.saves !== saves)
    if (stale.length === 0) return
    const ids = stale.map(({ id }) => id)
    for (const ramp of await store.read((db) => findRamps(db, ids))) {
      entries.set(ramp.id, { ramp, savedAt: clock.now(), lately: null, readThrough: 0 })
    }
  }

  const lookAround = async (): Promise<Surroundings> =>
    store.read(async (db) => {
      const ramps = [...entries.values()].map(({ ramp }) => ramp)
      const since = new Date(clock.now() - ACTIVE_MS)
      const agents = await reportedSince(db, since)
      return {
        targets: await targetsOf(
          db,
          ramps.map(({ target }) => target),
        ),
        agents: Map.groupBy(
          agents.map(({ through, trafficAt, ...agent }) => ({
            ...agent,
            reportedThrough: through.getTime(),
            lastTrafficAt: trafficAt.getTime(),
          })),
          ({ environmentId }) => environmentId,
        ),
      }
    })

  const onError = (error: unknown) => {
    if (!isStoreAway(error)) return logger.error({ err: error }, 'Ramps could not take their turn')
    if (!isAway) logger.warn({ err: error }, 'Ramps wait: the database does not answer')
    isAway = true
  }

  return {
    name: 'ramp runner',
    turn,
    async start() {
      leadership.start()
      stopTurns = every(
        clock,
        EVERY_MS,
        () => {
          running = turn()
          return running
        },
        onError,
      )
    },
    async stop() {
      stopTurns()
      await atMost(clock, GOODBYE_MS, running)
      await leadership.stop()
    },
  }
}

function isStoreAway(error: unknown): boolean {
  return error instanceof Problem && error.code === 'store_unavailable'
}
