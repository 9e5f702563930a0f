import { sleep, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Connections } from './connections.ts'

export interface DrainLimits {
  /** How long new connections are still taken, until balancers have noticed that we are not ready. */
  readonly preStopMs: number
  /** How long exchanges under way, upgraded ones too, may take after that. */
  readonly timeoutMs: number
}

/** A port that clients come in through. */
export interface Door {
  /** Takes no more connections; ends when those taken have closed. */
  close(): Promise<void>
  /** Closes what it knows to have nothing under way. */
  closeIdle(): void
}

const LOOK_AGAIN_MS = 250

/** Lets go of all traffic without losing an accepted request; what is left at the deadline is cut off and logged. */
export async function drainServer(
  doors: readonly Door[],
  connections: Connections,
  limits: DrainLimits,
  clock: Clock,
  logger: Logger,
): Promise<void> {
  await sleep(clock, limits.preStopMs)
  const closed = Promise.all(doors.map((door) => door.close()))
  const deadline = clock.monotonic() + limits.timeoutMs
  for (;;) {
    for (const door of doors) door.closeIdle()
    connections.closeIdle()
    if (connections.inFlight() === 0 || clock.monotonic() >= deadline) break
    await sleep(clock, Math.min(LOOK_AGAIN_MS, Math.max(1, deadline - clock.monotonic())))
  }
  const left = connections.inFlight()
  if (left > 0) logger.warn({ exchanges: left }, 'drain timed out; exchanges cut off')
  connections.destroyAll()
  for (const door of doors) door.closeIdle()
  await closed
}
