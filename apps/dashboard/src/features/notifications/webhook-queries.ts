import { deliveryViewSchema, webhookViewSchema } from '@crossfade/contracts/api/webhooks'
import { pageOf } from '@crossfade/contracts/api/common'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

/** Those of the environment and those of all of them, by name. */
export const webhooksQuery = (environmentId: string) =>
  queryOptions({
    queryKey: ['webhooks', environmentId],
    queryFn: async ({ signal }) => {
      const all = await api.list('/webhooks', webhookViewSchema, {}, signal)
      return all
        .filter((one) => one.environmentId === null || one.environmentId === environmentId)
        .toSorted((a, b) => a.name.localeCompare(b.name))
    },
  })

const shown = 50

/** The newest. */
export const deliveriesQuery = (webhookId: string) =>
  queryOptions({
    queryKey: ['webhooks', 'deliveries', webhookId],
    queryFn: ({ signal }) =>
      api.get(`/webhooks/${webhookId}/deliveries`, pageOf(deliveryViewSchema), { limit: shown }, signal),
    refetchInterval: 5_000,
  })
