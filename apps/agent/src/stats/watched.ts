import { WHOLE, type Mapping } from '@crossfade/core/model'
import type { ConfigSlot, InForce } from '../config/config-slot.ts'

/** Which mappings report latency each second (rule 28): those that ramp, and those somebody looks at. */
export interface Watched {
  set(mappingIds: readonly string[]): void
  isFine(mappingId: string | null): boolean
}

export function createWatched(slot: ConfigSlot): Watched {
  let watched: ReadonlySet<string> = new Set()
  let ramping: ReadonlySet<string> = new Set()
  const look = (inForce: InForce) => {
    ramping = rampingIn(inForce)
  }
  const now = slot.current()
  if (now) look(now)
  slot.onChange(look)

  return {
    set(mappingIds) {
      watched = new Set(mappingIds)
    },
    isFine: (mappingId) => mappingId !== null && (ramping.has(mappingId) || watched.has(mappingId)),
  }
}

function rampingIn({ table }: InForce): ReadonlySet<string> {
  const groups = new Map(table.snapshot.groups.map((group) => [group.id, group.split]))
  const shareOf = ({ split }: Mapping) =>
    ('groupId' in split ? groups.get(split.groupId)?.share : split.share) ?? 0
  return new Set(
    table.snapshot.mappings
      .filter((mapping) => shareOf(mapping) > 0 && shareOf(mapping) < WHOLE)
      .map((mapping) => mapping.id),
  )
}
