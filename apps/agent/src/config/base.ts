import {
  entrySchemas,
  type EntryKind,
  type SnapshotEntry,
  type SnapshotHeader,
  type WholeSnapshot,
} from '@crossfade/contracts/snapshot'
import type { Running } from '@crossfade/contracts/link'
import type { FieldError } from '@crossfade/contracts/problems'
import type { Environment, Group, Mapping, Segment, Service, Snapshot } from '@crossfade/core/model'
import type { RoutingTable } from '@crossfade/core/routing-table'
import { parseJson } from '@crossfade/runtime/safe-json'

/** A verified snapshot as it was signed: what overlays and emergencies are laid upon. */
export interface Base {
  readonly header: SnapshotHeader
  /** The exact bytes received; they go to disk and deltas apply to them. */
  readonly whole: WholeSnapshot
  readonly entities: Entities
  readonly snapshot: Snapshot
  readonly table: RoutingTable
}

type Entity = Environment | Service | Mapping | Group | Segment
/** Each entry beside its parsed entity, by `kind/id`. */
export type Entities = ReadonlyMap<string, { readonly entry: SnapshotEntry; readonly entity: Entity }>

export function keyOf(entry: { readonly kind: EntryKind; readonly id: string }): string {
  return `${entry.kind}/${entry.id}`
}

export function runningOf(base: Base): Running {
  return { epoch: base.header.epoch, revision: base.header.revision, hash: base.header.hash }
}

export function mappingIdsOf(entries: readonly SnapshotEntry[]): ReadonlySet<string> {
  return new Set(entries.filter((entry) => entry.kind === 'mapping').map((entry) => entry.id))
}

/** Parses every entry whose bytes `known` does not already hold parsed. */
export function parseEntries(
  entries: readonly SnapshotEntry[],
  known: Entities,
): { readonly entities: Entities; readonly errors: readonly FieldError[] } {
  const entities = new Map<string, { entry: SnapshotEntry; entity: Entity }>()
  const errors: FieldError[] = []
  for (const entry of entries) {
    const key = keyOf(entry)
    const before = known.get(key)
    if (entities.has(key)) errors.push({ path: key, message: 'Is there twice' })
    else if (before?.entry.bytes === entry.bytes) entities.set(key, before)
    else {
      const parsed = parseEntry(entry)
      if ('errors' in parsed) errors.push(...parsed.errors)
      else entities.set(key, { entry, entity: parsed.entity })
    }
  }
  return { entities, errors }
}

/** Throws nothing: an environment must be exactly one, else the answer is the error. */
export function assemble(header: SnapshotHeader, entities: Entities): Snapshot | FieldError {
  const of = <T extends Entity>(kind: EntryKind) =>
    [...entities.values()].filter(({ entry }) => entry.kind === kind).map(({ entity }) => entity as T)
  const [environment, ...others] = of<Environment>('environment')
  if (!environment || others.length > 0 || environment.id !== header.environmentId) {
    return { path: 'environment', message: `Must be one, and ${header.environmentId}` }
  }
  return {
    epoch: header.epoch,
    revision: header.revision,
    environment,
    services: of<Service>('service'),
    mappings: of<Mapping>('mapping'),
    groups: of<Group>('group'),
    segments: of<Segment>('segment'),
  }
}

function parseEntry(
  entry: SnapshotEntry,
): { readonly entity: Entity } | { readonly errors: readonly FieldError[] } {
  const key = keyOf(entry)
  let json: unknown
  try {
    json = parseJson(entry.bytes)
  } catch {
    return { errors: [{ path: key, message: 'Is not JSON' }] }
  }
  const parsed = entrySchemas[entry.kind].safeParse(json)
  if (!parsed.success) {
    return {
      errors: parsed.error.issues.map((issue) => ({
        path: [key, ...issue.path].join('.'),
        message: issue.message,
      })),
    }
  }
  if (parsed.data.id !== entry.id) return { errors: [{ path: `${key}.id`, message: 'Is not its own id' }] }
  return { entity: parsed.data }
}
