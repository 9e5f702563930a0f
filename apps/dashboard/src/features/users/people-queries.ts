import { apiTokenViewSchema, sessionViewSchema, userViewSchema } from '@crossfade/contracts/api/people'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

export const usersQuery = () =>
  queryOptions({
    queryKey: ['users'],
    queryFn: ({ signal }) => api.list('/users', userViewSchema, {}, signal),
  })

export const tokensQuery = () =>
  queryOptions({
    queryKey: ['tokens'],
    queryFn: ({ signal }) => api.list('/tokens', apiTokenViewSchema, {}, signal),
  })

export const sessionsQuery = () =>
  queryOptions({
    queryKey: ['sessions'],
    queryFn: ({ signal }) => api.list('/sessions', sessionViewSchema, {}, signal),
  })
