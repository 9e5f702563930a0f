import { nextLevel, pressureOf, type OverloadLevel } from '@crossfade/core/policy/overload'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'

/** What an agent has, and how much of it is used. */
export interface OverloadSource {
  /** The 99th percentile since it was last asked, in ms. */
  loopDelayMs(): number
  /** Resident memory, in bytes. */
  memoryBytes(): number
  connections(): number
}

/** Where each of them would be all used up; 0 looks away. */
export interface OverloadLimits {
  readonly loopDelayMs: number
  readonly memoryBytes: number
  readonly connections: number
}

export interface OverloadMonitor {
  level(): OverloadLevel
  /** No more connections are kept after their answer. */
  closesConnections(): boolean
  refusesRequests(): boolean
  refusesConnections(): boolean
  stop(): void
}

const LOOK_EVERY_MS = 250

/**
 * Looks every quarter of a second. Calm until the first look; a delay of the loop counts when two looks in a row
 * saw it, for one may be the fault of a single long job.
 */
export function watchOverload(parts: {
  readonly source: OverloadSource
  readonly limits: OverloadLimits
  readonly clock: Clock
  readonly logger: Logger
}): OverloadMonitor {
  const { source, limits, clock, logger } = parts
  let level: OverloadLevel = 'none'
  let delayBefore = 0
  const look = () => {
    const delay = source.loopDelayMs()
    const lastingDelay = Math.min(delay, delayBefore)
    delayBefore = delay
    const uses = [
      { used: lastingDelay, limit: limits.loopDelayMs },
      { used: source.memoryBytes(), limit: limits.memoryBytes },
      { used: source.connections(), limit: limits.connections },
    ]
    const next = nextLevel(level, pressureOf(uses))
    if (next === level) return
    level = next
    const [loopDelayMs, memoryBytes, connections] = uses.map(({ used }) => used)
    logger.warn({ level, loopDelayMs, memoryBytes, connections }, 'overload level changed')
  }
  const stop = every(clock, LOOK_EVERY_MS, look, (err) => logger.error({ err }, 'overload is not watched'))
  return {
    level: () => level,
    closesConnections: () => level !== 'none',
    refusesRequests: () => level === 'refuse-requests' || level === 'refuse-connections',
    refusesConnections: () => level === 'refuse-connections',
    stop,
  }
}

/** For whoever has nothing to watch. */
export const CALM: OverloadMonitor = {
  level: () => 'none',
  closesConnections: () => false,
  refusesRequests: () => false,
  refusesConnections: () => false,
  stop() {},
}
