import { otherClient, type ClientSample } from '@crossfade/contracts/stats'
import type { Environment } from '@crossfade/core/model'
import { valueOf } from '../proxy/check-request.ts'
import type { Seen } from '../proxy/seen.ts'
import type { Outcome } from '../stats/recorder.ts'
import { addOutcome, newSeries, type Series } from '../stats/series.ts'

/** Counts both sides of each mapping by kind of client (rule 28). At most 13 kinds, so it stays small. */
export interface ClientKinds {
  record(outcome: Outcome, seen: Seen): void
  /** Hands out what was counted and begins anew. */
  take(): ClientSample[]
}

export function createClientKinds(): ClientKinds {
  /** By mapping, side and kind. */
  let counted = new Map<string, { readonly client: string; readonly series: Series }>()

  return {
    record(outcome, { route, head }) {
      // Only what enters comparisons (rule 16), and only where somebody asked for it.
      if (route?.kind !== 'route' || outcome.mappingId === null || outcome.via !== 'split') return
      const { clientDimension } = route.environment
      if (clientDimension === null) return
      const client = kindOf(clientDimension, valueOf(head, clientDimension.header))
      const { mappingId, side, via } = outcome
      const key = `${mappingId} ${side} ${client}`
      let entry = counted.get(key)
      if (entry === undefined) {
        entry = { client, series: newSeries(mappingId, side, via) }
        counted.set(key, entry)
      }
      addOutcome(entry.series, outcome)
    },
    take() {
      const entries = [...counted.values()]
      counted = new Map()
      return entries.flatMap(({ client, series: { mappingId, side, tally, sketch } }) =>
        mappingId === null ? [] : [{ mappingId, side, client, tally, sketch: encoded(sketch) }],
      )
    },
  }
}

/** The first value whose text the header contains; the rest is `other`. */
export function kindOf(
  dimension: NonNullable<Environment['clientDimension']>,
  header: string | undefined,
): string {
  if (header === undefined) return otherClient
  return dimension.values.find(({ contains }) => header.includes(contains))?.label ?? otherClient
}

function encoded(sketch: Series['sketch']): string | null {
  return sketch.count === 0 ? null : Buffer.from(sketch.encode()).toString('base64')
}
