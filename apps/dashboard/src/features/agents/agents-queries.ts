import { agentTokenViewSchema } from '@crossfade/contracts/api/agents'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

export const agentTokensQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['agent-tokens', environmentId],
    queryFn: ({ signal }) => api.list('/agent-tokens', agentTokenViewSchema, { environmentId }, signal),
  })
