import type { FastifyRequest } from 'fastify'
import { z } from 'zod'
import { Problem } from '@crossfade/contracts/problems'
import type { Publisher } from '../../publish/published.ts'
import { whereaboutsOf, type ObjectKind, type Whereabouts } from '../../store/environment-of.ts'
import { findEnvironment } from '../../store/environments.ts'
import type { Store } from '../../store/store.ts'

/**
 * How a route's environment is found, in what its schemas have let through:
 * `list`: `environmentId` of the query, or every one the caller may do this in;
 * `query`, `body`: `environmentId` there; `params`: `:id` is the environment's own;
 * `mapping-in-query`: `mappingId` of the query, else its `environmentId`, else the default one;
 * a kind of object: the environment of the one that `:id` (or `:seq`) names.
 */
export type EnvironmentSource =
  | 'list'
  | 'query'
  | 'body'
  | 'params'
  | 'mapping-in-query'
  | { readonly of: ObjectKind }

/** What was named, and where it is. */
export interface Located extends Whereabouts {
  readonly what: ObjectKind | 'environment' | 'installation'
}

export interface Finder {
  /** Null for a list over environments. Throws `not_found` for an object that does not exist. */
  find(request: FastifyRequest, source: EnvironmentSource): Promise<Located | null>
  nameOf(environmentId: string): Promise<string>
}

const named = z.object({
  environmentId: z.string().nullish(),
  mappingId: z.string().optional(),
})
const inParams = z.union([
  z.object({ id: z.string() }).transform(({ id }) => id),
  z.object({ seq: z.number() }).transform(({ seq }) => String(seq)),
])

export function createFinder(store: Store, publisher: Pick<Publisher, 'all' | 'current'>): Finder {
  const ofObject = async (kind: ObjectKind, id: string): Promise<Located> => {
    const found = await store.read((db) => whereaboutsOf(db, kind, id))
    if (!found) throw nothingThere(kind)
    return { ...found, what: kind }
  }
  const environment = (environmentId: string): Located => ({ environmentId, what: 'environment' })

  return {
    async find(request, source) {
      if (typeof source === 'object') {
        const id = inParams.parse(request.params)
        // A roll back does not wait for the database (rule 19); what is in a snapshot never changes environments.
        const known = request.routeOptions.config.permission === 'rollback' ? inMemory(publisher, id) : null
        return known ? { ...known, what: source.of } : ofObject(source.of, id)
      }
      if (source === 'params') return environment(inParams.parse(request.params))
      const { environmentId, mappingId } = named.parse(source === 'body' ? request.body : request.query)
      if (source === 'list') return environmentId == null ? null : environment(environmentId)
      if (environmentId === null) return { environmentId, what: 'installation' }
      if (source !== 'mapping-in-query' || mappingId === undefined) {
        return environment(environmentId ?? 'default')
      }
      const found = await ofObject('mapping', mappingId)
      if (environmentId !== undefined && environmentId !== found.environmentId) throw nothingThere('mapping')
      return found
    },
    async nameOf(environmentId) {
      const published = publisher.current(environmentId)
      if (published) return published.snapshot.environment.name
      const row = await store.read((db) => findEnvironment(db, environmentId))
      return row?.name ?? environmentId
    },
  }
}

/** The same for what does not exist and for what the caller may not know of. */
export function nothingThere(kind: Located['what']): Problem {
  return new Problem('not_found', { detail: `There is no such ${kind.replace('-', ' ')}` })
}

function inMemory(publisher: Pick<Publisher, 'all'>, id: string): Whereabouts | null {
  const isIt = (one: { readonly id: string }) => one.id === id
  const found = publisher
    .all()
    .find(({ snapshot }) => snapshot.mappings.some(isIt) || snapshot.groups.some(isIt))
  return found ? { environmentId: found.environmentId } : null
}
