import { agentViewSchema } from '@crossfade/contracts/api/agents'
import {
  administratorsSchema,
  environmentViewSchema,
  type EnvironmentView,
} from '@crossfade/contracts/api/environments'
import { groupViewSchema } from '@crossfade/contracts/api/groups'
import { mappingViewSchema } from '@crossfade/contracts/api/mappings'
import { meSchema } from '@crossfade/contracts/api/people'
import { segmentViewSchema } from '@crossfade/contracts/api/segments'
import { serviceViewSchema } from '@crossfade/contracts/api/services'
import { queryOptions, type QueryClient } from '@tanstack/react-query'
import { api } from './api.ts'

/**
 * The pattern for reading: one `queryOptions` per question, its key beginning with the resource's name in the
 * API, so that one `invalidateQueries({ queryKey: ['mappings'] })` reaches lists and single ones alike. What two
 * features ask stands here; what only one asks stands in that feature.
 */
export const meQuery = () =>
  queryOptions({
    queryKey: ['session'],
    queryFn: ({ signal }) => api.get('/session', meSchema, {}, signal),
    staleTime: 60_000,
  })

export const environmentsQuery = () =>
  queryOptions({
    queryKey: ['environments'],
    queryFn: ({ signal }) => api.list('/environments', environmentViewSchema, {}, signal),
  })

export const environmentQuery = (id: string) =>
  queryOptions({
    queryKey: ['environments', 'one', id],
    queryFn: ({ signal }) => api.get(`/environments/${id}`, environmentViewSchema, {}, signal),
  })

/** Who can raise one's role in an environment. */
export const administratorsQuery = (id: string) =>
  queryOptions({
    queryKey: ['environments', 'administrators', id],
    queryFn: ({ signal }) => api.get(`/environments/${id}/administrators`, administratorsSchema, {}, signal),
    staleTime: 300_000,
    retry: false,
  })

/** Names of those whose tokens are believed; none while it is not known. */
export function issuersOf(environment: EnvironmentView | undefined): string[] {
  return (environment?.auth.issuers ?? []).map(({ name }) => name)
}

export const mappingsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['mappings', environmentId],
    queryFn: ({ signal }) => api.list('/mappings', mappingViewSchema, { environmentId }, signal),
  })

export const mappingQuery = (id: string) =>
  queryOptions({
    queryKey: ['mappings', 'one', id],
    queryFn: ({ signal }) => api.get(`/mappings/${id}`, mappingViewSchema, {}, signal),
  })

export const groupsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['groups', environmentId],
    queryFn: ({ signal }) => api.list('/groups', groupViewSchema, { environmentId }, signal),
  })

export const groupQuery = (id: string) =>
  queryOptions({
    queryKey: ['groups', 'one', id],
    queryFn: ({ signal }) => api.get(`/groups/${id}`, groupViewSchema, {}, signal),
  })

export const servicesQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['services', environmentId],
    queryFn: ({ signal }) => api.list('/services', serviceViewSchema, { environmentId }, signal),
  })

export const segmentsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['segments', environmentId],
    queryFn: ({ signal }) => api.list('/segments', segmentViewSchema, { environmentId }, signal),
  })

export const agentsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['agents', environmentId],
    queryFn: ({ signal }) => api.list('/agents', agentViewSchema, { environmentId }, signal),
  })

/** After a write, or a change somebody else made: read again what may show it. */
export async function reloadAfterChange(client: QueryClient, objectKind: string): Promise<void> {
  const touched: Record<string, readonly string[]> = {
    mapping: ['mappings', 'groups', 'cohorts', 'ramps'],
    group: ['groups', 'mappings', 'cohorts', 'ramps'],
    ramp: ['ramps', 'mappings', 'groups'],
    service: ['services', 'mappings'],
    segment: ['segments', 'mappings'],
    environment: ['environments', 'mappings', 'groups', 'governance', 'ramps'],
    approval: ['approvals', 'ramps'],
    freeze: ['freezes', 'governance', 'ramps'],
    user: ['users', 'session'],
    token: ['tokens'],
    'api-token': ['tokens'],
    'agent-token': ['agent-tokens'],
    agent: ['agents'],
    webhook: ['webhooks'],
  }
  const roots = [...(touched[objectKind] ?? []), 'changes']
  await Promise.all(roots.map((root) => client.invalidateQueries({ queryKey: [root] })))
}
