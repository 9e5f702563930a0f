import type { AgentView } from '@crossfade/contracts/api/agents'
import type { Side } from '@crossfade/core/model'
import { countText, listText } from '../../shared/format.ts'
import type { Numbers } from '../live/fold.ts'

export interface OpenBreaker {
  readonly side: Side
  readonly words: string
}

/** Sides of a mapping that some agents do not ask at the moment (rule 32). */
export function openBreakers(agents: readonly AgentView[], mappingId: string): readonly OpenBreaker[] {
  const online = agents.filter(({ state }) => state === 'online')
  return (['legacy', 'new'] as const).flatMap((side) => {
    const names = online
      .filter(({ breakers = [] }) => breakers.some((one) => one.mappingId === mappingId && one.side === side))
      .map(({ name }) => name)
    if (names.length === 0) return []
    const who = names.length === online.length && names.length > 1 ? 'every agent' : listText(names)
    return [{ side, words: `${side} fails too often, says ${who}` }]
  })
}

const reasons: Readonly<Record<string, string>> = {
  credentials_required: 'from callers who showed nothing (401)',
  credentials_invalid: 'from callers who were not believed (401)',
  caller_forbidden: 'from callers who may not (403)',
  issuer_unavailable: 'while the keys of an issuer were not to be had (503)',
  rate_limited: 'above a rate limit (429)',
  over_capacity: 'above a cap (503)',
  breaker_open: 'while a breaker was open',
  body_too_large: 'too large a body (413)',
  slow_start: 'while new was coming back',
  new_at_capacity: 'overflowed to legacy',
  failed: 'answered by legacy after new failed',
  read_through: 'read through to legacy',
  loop: 'came back and went to legacy',
}

/** `12 above a rate limit (429)`, the most first, over all agents since each started. */
export function shedWords(agents: readonly AgentView[], mappingId: string): readonly string[] {
  const counts = new Map<string, number>()
  for (const { state, shed = [] } of agents) {
    if (state !== 'online') continue
    for (const one of shed) {
      if (one.mappingId === mappingId) counts.set(one.what, (counts.get(one.what) ?? 0) + one.count)
    }
  }
  return [...counts]
    .toSorted(([, a], [, b]) => b - a)
    .map(([what, count]) => `${countText(count)} ${reasons[what] ?? what}`)
}

/** How often requests were tried again, and answered by the other side, in the seconds of the feed. */
export function helped(numbers: readonly Numbers[], mappingId: string, seconds: number) {
  const newest = numbers.at(-1)?.at ?? 0
  const points = numbers
    .filter(({ at }) => at > newest - seconds * 1000)
    .flatMap(({ mappings }) => mappings.filter((one) => one.mappingId === mappingId))
    .flatMap((point) => [point.legacy, point.new])
    .filter((point) => point !== null)
  const sum = (field: 'retries' | 'fallbacks') => points.reduce((total, point) => total + point[field], 0)
  return { retries: sum('retries'), fallbacks: sum('fallbacks') }
}
