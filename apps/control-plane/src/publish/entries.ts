import type { SnapshotEntry } from '@crossfade/contracts/snapshot'
import type { Snapshot } from '@crossfade/core/model'
import { canonicalJson } from '@crossfade/runtime/canonical-json'

/** A snapshot as entries whose bytes are what gets hashed, signed, sent and stored (rule 24). */
export function entriesOf(snapshot: Snapshot): SnapshotEntry[] {
  const entry = (kind: SnapshotEntry['kind']) => (entity: { readonly id: string }) => ({
    kind,
    id: entity.id,
    bytes: canonicalJson(entity),
  })
  return [
    entry('environment')(snapshot.environment),
    ...snapshot.services.map(entry('service')),
    ...snapshot.groups.map(entry('group')),
    ...snapshot.segments.map(entry('segment')),
    ...snapshot.mappings.map(entry('mapping')),
  ]
}
