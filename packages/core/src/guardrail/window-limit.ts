import { NOTHING, plus, rateOf, type Counts } from './evidence.ts'
import type { Guardrail } from './model.ts'

/** What an absolute limit, or one on values, remembers: its window in slots, and when it was breached. Plain JSON. */
export interface WindowMemory {
  readonly slots: readonly Slot[]
  /** One for each window beyond the limit; windows do not overlap. */
  readonly breachedAt: readonly number[]
}

interface Slot {
  readonly at: number
  readonly legacy: Counts
  readonly new: Counts
}

const SLOTS = 30

export const EMPTY_WINDOW: WindowMemory = { slots: [], breachedAt: [] }

/** Adds what both sides did in a window that began at `at`; what is older than `windowMs` falls out. */
export function addToWindow(
  memory: WindowMemory,
  windowMs: number,
  at: number,
  legacy: Counts,
  fresh: Counts,
): WindowMemory {
  const width = Math.max(1_000, windowMs / SLOTS)
  const slotAt = Math.floor(at / width) * width
  const last = memory.slots.at(-1)
  const slots =
    last !== undefined && last.at === slotAt
      ? [
          ...memory.slots.slice(0, -1),
          { at: slotAt, legacy: plus(last.legacy, legacy), new: plus(last.new, fresh) },
        ]
      : [...memory.slots, { at: slotAt, legacy, new: fresh }]
  return { ...memory, slots: slots.filter((slot) => slot.at > at - windowMs) }
}

export function sumOfWindow({ slots }: WindowMemory): { readonly legacy: Counts; readonly new: Counts } {
  let legacy = NOTHING
  let fresh = NOTHING
  for (const slot of slots) {
    legacy = plus(legacy, slot.legacy)
    fresh = plus(fresh, slot.new)
  }
  return { legacy, new: fresh }
}

/** Takes note of a window beyond its limit, unless it overlaps one that was noted before. */
export function noteBreach(memory: WindowMemory, windowMs: number, at: number): WindowMemory {
  const last = memory.breachedAt.at(-1)
  if (last !== undefined && at - last < windowMs) return memory
  return { ...memory, breachedAt: [...memory.breachedAt, at] }
}

/** Breaches among the last `outOf` windows; older ones are forgotten. */
export function recentBreaches(
  memory: WindowMemory,
  windowMs: number,
  outOf: number,
  at: number,
): WindowMemory {
  const kept = memory.breachedAt.filter((breach) => at - breach < windowMs * outOf)
  return kept.length === memory.breachedAt.length ? memory : { ...memory, breachedAt: kept }
}

/** What a window says, in the guardrail's unit. */
export function windowNumbers(
  { metric, limit }: Guardrail,
  legacy: Counts,
  fresh: Counts,
): { readonly measured: number | null; readonly limit: number | null } {
  const measured = metric.kind === 'breaker-openings' && fresh.all > 0 ? fresh.bad : rateOf(fresh)
  if (limit.kind === 'absolute')
    return { measured, limit: metric.kind === 'latency' ? 1 - metric.quantile : limit.max }
  const reference = rateOf(legacy)
  return { measured, limit: reference === null ? null : reference * limit.factor + limit.plus }
}
