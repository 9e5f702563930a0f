import { pageOf } from '@crossfade/contracts/api/common'
import { groupViewSchema, type GroupView } from '@crossfade/contracts/api/groups'
import { mappingViewSchema, type MappingView } from '@crossfade/contracts/api/mappings'
import type { z } from 'zod'
import type { ApiClient } from '../api-client.ts'
import { CommandError } from '../world.ts'

export type Ramped =
  | { readonly kind: 'mapping'; readonly view: MappingView }
  | { readonly kind: 'group'; readonly view: GroupView }

/** Everything a list has, page after page. */
export async function listAll<T>(api: ApiClient, path: string, item: z.ZodType<T>): Promise<T[]> {
  const found: T[] = []
  let cursor: string | null = null
  do {
    const query: string =
      cursor === null ? '' : `${path.includes('?') ? '&' : '?'}cursor=${encodeURIComponent(cursor)}`
    const page: { items: T[]; nextCursor: string | null } = await api.call('GET', path + query, pageOf(item))
    found.push(...page.items)
    cursor = page.nextCursor
  } while (cursor !== null)
  return found
}

/** A mapping or group by name or id; mappings first. */
export async function findRamped(api: ApiClient, environmentId: string, nameOrId: string): Promise<Ramped> {
  const where = `?environmentId=${encodeURIComponent(environmentId)}`
  const isIt = (view: { readonly id: string; readonly name: string }) =>
    view.name === nameOrId || view.id === nameOrId
  const mapping = (await listAll(api, `/api/v1/mappings${where}`, mappingViewSchema)).find(isIt)
  if (mapping) return { kind: 'mapping', view: mapping }
  const group = (await listAll(api, `/api/v1/groups${where}`, groupViewSchema)).find(isIt)
  if (group) return { kind: 'group', view: group }
  throw new CommandError(`There is no mapping or group called ${nameOrId} in ${environmentId}`)
}
