import { sleep, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import type { Seen } from '../proxy/seen.ts'
import type { Outcome } from '../stats/recorder.ts'
import { createLineQueue } from './line-queue.ts'
import { lineWriterFor, type MappedRoute } from './line.ts'
import { fileOutput, stdoutOutput, type Output } from './output.ts'

export interface TrafficLogSettings {
  /** A file, or `stdout`. */
  readonly to: string
  /** `json`, or text with `$variables`. */
  readonly format: string
  /** Part of the mapped requests that get a line, 0…1. */
  readonly sample: number
}

export interface TrafficLog extends Part {
  record(outcome: Outcome, seen: Seen | null): void
  /** After the file was moved away. */
  reopen(): void
  lines(): { readonly written: number; readonly dropped: number }
}

/** One line for each request that was mapped, written beside the path of requests and never in it. */
export function createTrafficLog(parts: {
  readonly settings: TrafficLogSettings
  readonly agentName: string
  readonly clock: Clock
  readonly random: () => number
  readonly logger: Logger
  readonly output?: Output
}): TrafficLog {
  const { settings, agentName: agent, clock, random, logger } = parts
  const output = parts.output ?? outputFor(settings.to, clock)
  const queue = createLineQueue({ output, clock, logger })
  const lineOf = lineWriterFor(settings.format)

  return {
    name: 'traffic log',
    record(outcome, seen) {
      const route = seen?.route ?? null
      if (seen === null || route === null || !isMapped(route)) return
      if (settings.sample < 1 && random() >= settings.sample) return
      queue.add(lineOf({ at: clock.now(), agent, outcome, seen, route }))
    },
    reopen: () => queue.reopen(),
    lines: () => ({ written: queue.written(), dropped: queue.dropped() }),
    start: () => queue.open(),
    stop: () => queue.close(),
  }
}

function outputFor(to: string, clock: Clock): Output {
  return to === 'stdout' ? stdoutOutput((ms) => sleep(clock, ms)) : fileOutput(to)
}

export function isMapped(route: NonNullable<Seen['route']>): route is MappedRoute {
  return route.kind === 'route' && route.mapped !== null
}
