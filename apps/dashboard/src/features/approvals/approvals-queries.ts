import { approvalViewSchema, type ApprovalView } from '@crossfade/contracts/api/approvals'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

/** Open requests wait for votes, or for what is in the way to go. Requests expire without an event. */
export const openApprovalsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['approvals', environmentId, 'open'],
    queryFn: ({ signal }) =>
      api.list('/approvals', approvalViewSchema, { environmentId, status: 'open' }, signal),
    refetchInterval: 60_000,
  })

/** All of them, also those that are over. */
export const allApprovalsQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['approvals', environmentId, 'all'],
    queryFn: ({ signal }) => api.list('/approvals', approvalViewSchema, { environmentId }, signal),
  })

export type ApprovalStatus = ApprovalView['status']
