import type { Mapping, Side } from '@crossfade/core/model'
import type { BreakerState, Transition } from '@crossfade/core/policy/breaker'
import type { Detour } from '@crossfade/core/policy/resilience'
import type { Logger } from '@crossfade/runtime/logger'
import type { CallerCode } from '../proxy/refuse-caller.ts'
import { createMappingGuard, type MappingGuard } from './mapping-guard.ts'

/** Why a request was answered by us, to protect something or because its caller may not. */
export type ShedReason =
  | CallerCode
  | 'rate_limited'
  | 'over_capacity'
  | 'breaker_open'
  | 'overloaded'
  | 'body_too_large'

/** The guards of all mappings, and what they have done since the agent started. */
export interface Guards {
  of(mapping: Mapping): MappingGuard
  /** Forgets mappings that are gone. */
  keepOnly(mappingIds: ReadonlySet<string>): void
  count(mappingId: string, what: Detour | ShedReason): void
  /** By mapping id. */
  breakers(): readonly { readonly mappingId: string; readonly side: Side; readonly state: BreakerState }[]
  /** Requests being answered, by mapping and side. */
  inFlight(): readonly Counted<{ readonly side: Side }>[]
  /** Counts since the start; `what` is a reason, or `to open` and so on for transitions of a side. */
  transitions(): readonly Counted<{ readonly side: Side; readonly to: BreakerState }>[]
  counts(): readonly Counted<{ readonly what: Detour | ShedReason }>[]
  /** One line for each breaker that is not closed. */
  warnings(): readonly string[]
}

export type Counted<T> = T & { readonly mappingId: string; readonly count: number }

export function createGuards(parts: {
  readonly random: () => number
  readonly logger: Logger
  readonly onOpened?: (mappingId: string, side: Side) => void
}): Guards {
  const guards = new Map<string, { mapping: Mapping; readonly guard: MappingGuard }>()
  const transitions = new Map<string, { mappingId: string; side: Side; to: BreakerState; count: number }>()
  const counts = new Map<string, { mappingId: string; what: Detour | ShedReason; count: number }>()

  const onTransition = (mapping: Mapping, side: Side, { from, to, why }: Transition) => {
    parts.logger.warn(
      { mapping: mapping.name, mappingId: mapping.id, side, from, to, why },
      `breaker is ${to}`,
    )
    const key = `${mapping.id} ${side} ${to}`
    const entry = transitions.get(key) ?? { mappingId: mapping.id, side, to, count: 0 }
    transitions.set(key, { ...entry, count: entry.count + 1 })
    if (to === 'open') parts.onOpened?.(mapping.id, side)
  }

  return {
    of(mapping) {
      const known = guards.get(mapping.id)
      if (known?.mapping === mapping) return known.guard
      if (known) {
        known.mapping = mapping
        known.guard.adopt(mapping)
        return known.guard
      }
      const guard = createMappingGuard(mapping, { random: parts.random, onTransition })
      guards.set(mapping.id, { mapping, guard })
      return guard
    },
    keepOnly(mappingIds) {
      for (const id of guards.keys()) if (!mappingIds.has(id)) guards.delete(id)
      for (const [key, { mappingId }] of transitions) if (!mappingIds.has(mappingId)) transitions.delete(key)
      for (const [key, { mappingId }] of counts) {
        if (mappingId !== '' && !mappingIds.has(mappingId)) counts.delete(key)
      }
    },
    count(mappingId, what) {
      const key = `${mappingId} ${what}`
      const entry = counts.get(key)
      if (entry) entry.count += 1
      else counts.set(key, { mappingId, what, count: 1 })
    },
    breakers: () =>
      [...guards].flatMap(([mappingId, { guard }]) =>
        guard.breakers().map((breaker) => ({ mappingId, ...breaker })),
      ),
    inFlight: () =>
      [...guards].flatMap(([mappingId, { guard }]) =>
        (['legacy', 'new'] as const).map((side) => ({ mappingId, side, count: guard.inFlight(side) })),
      ),
    transitions: () => [...transitions.values()],
    counts: () => [...counts.values()],
    warnings: () =>
      [...guards.values()].flatMap(({ mapping, guard }) =>
        guard
          .breakers()
          .filter(({ state }) => state !== 'closed')
          .map(({ side, state }) => `The breaker of ${mapping.name} (${side}) is ${state}`),
      ),
  }
}
