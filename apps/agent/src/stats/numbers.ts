import type { Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import type { StatsBatch } from '@crossfade/contracts/stats'
import type { Side } from '@crossfade/core/model'
import type { ConfigSlot } from '../config/config-slot.ts'
import { createClientKinds } from '../insight/client-kinds.ts'
import { createTopPaths } from '../insight/top-paths.ts'
import { createTrafficLog, type TrafficLog, type TrafficLogSettings } from '../traffic-log/traffic-log.ts'
import { createOutbox, type Outbox } from './outbox.ts'
import { createRecorder, type Recorder } from './recorder.ts'
import { createStatsReporter } from './stats-reporter.ts'
import { createTotals, type Totals } from './totals.ts'
import { createWatched, type Watched } from './watched.ts'

/** What becomes of each request: counted, remembered by path and kind of client, logged, and sent in batches. */
export interface Numbers {
  readonly recorder: Recorder
  readonly totals: Totals
  readonly watched: Watched
  readonly outbox: Outbox
  /** Null when none is kept. */
  readonly trafficLog: TrafficLog | null
  breakerOpened(mappingId: string, side: Side): void
  readonly parts: readonly Part[]
}

export function createNumbers(from: {
  readonly slot: ConfigSlot
  readonly boot: string
  readonly agentName: string
  readonly logSettings: TrafficLogSettings | null
  /** The control plane's clock as estimated, ms since the epoch. */
  readonly theirNow: () => number
  readonly send: (batch: StatsBatch) => boolean
  readonly isLinked: () => boolean
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
}): Numbers {
  const { slot, agentName, theirNow, clock, random, logger } = from
  const totals = createTotals()
  const watched = createWatched(slot)
  const outbox = createOutbox({ boot: from.boot, clock, send: from.send })
  const topPaths = createTopPaths()
  const clientKinds = createClientKinds()
  const trafficLog =
    from.logSettings === null
      ? null
      : createTrafficLog({ settings: from.logSettings, agentName, clock, random, logger })
  const counting = createRecorder({
    now: theirNow,
    isFine: (mappingId) => watched.isFine(mappingId),
    onWindow(closed) {
      totals.add(closed)
      outbox.add(closed.window)
    },
    besides: () => ({ clients: clientKinds.take(), paths: topPaths.take() }),
  })
  slot.onChange(({ table }) => totals.keepOnly(new Set(table.byId.keys())))
  const reporter = createStatsReporter({
    recorder: counting,
    outbox,
    now: theirNow,
    clock,
    isLinked: from.isLinked,
  })
  return {
    totals,
    watched,
    outbox,
    trafficLog,
    recorder: {
      record(outcome, seen = null) {
        counting.record(outcome)
        if (seen === null) return
        topPaths.record(outcome, seen)
        clientKinds.record(outcome, seen)
        trafficLog?.record(outcome, seen)
      },
    },
    breakerOpened: (mappingId, side) => counting.breakerOpened(mappingId, side),
    parts: trafficLog === null ? [reporter] : [reporter, trafficLog],
  }
}
