import { Problem } from '@crossfade/contracts/problems'
import type { Snapshot } from '@crossfade/core/model'
import { environmentOf, groupOf, mappingInclude, mappingOf, segmentOf, serviceOf } from './entities.ts'
import type { Db, Store } from './store.ts'

export interface LoadedSnapshot {
  readonly epoch: string
  readonly previousEpoch: string | null
  readonly revision: number
  /** How many mappings audited deletes have removed, ever (rule 25). */
  readonly mappingsDeleted: number
  readonly snapshot: Snapshot
}

/** Everything agents of an environment need, as it stood at one moment. Entities are in order of their ids. */
export function loadSnapshot(store: Store, environmentId: string): Promise<LoadedSnapshot> {
  return store.consistent((db) => readSnapshot(db, environmentId))
}

/** The same inside a transaction that sees one moment, or holds the environment's lock. */
export async function readSnapshot(db: Db, environmentId: string): Promise<LoadedSnapshot> {
  const where = { environmentId }
  const orderBy = { id: 'asc' } as const
  const environment = await db.environment.findUnique({ where: { id: environmentId } })
  if (!environment) throw new Problem('not_found', { detail: 'There is no such environment' })
  const services = await db.service.findMany({ where, orderBy })
  const mappings = await db.mapping.findMany({ where, orderBy, include: mappingInclude })
  const groups = await db.group.findMany({ where, orderBy, include: { cohort: true } })
  const segments = await db.segment.findMany({ where, orderBy })
  const { epoch, previousEpoch, revision, mappingsDeleted } = environment
  return {
    epoch,
    previousEpoch,
    revision,
    mappingsDeleted,
    snapshot: {
      epoch,
      revision,
      environment: environmentOf(environment),
      services: services.map(serviceOf),
      mappings: mappings.map(mappingOf),
      groups: groups.map(groupOf),
      segments: segments.map(segmentOf),
    },
  }
}
