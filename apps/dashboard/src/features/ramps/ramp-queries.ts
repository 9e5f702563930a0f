import { pageOf } from '@crossfade/contracts/api/common'
import { guardrailsViewSchema } from '@crossfade/contracts/api/guardrails'
import { rampDetailSchema, rampViewSchema, templatesViewSchema } from '@crossfade/contracts/api/ramps'
import type { RampDetail } from '@crossfade/contracts/api/ramps'
import { queryOptions } from '@tanstack/react-query'
import { api } from '../../shared/api.ts'

/** Whose ramp: of a member of a group, the group. */
export interface RampTarget {
  readonly kind: 'mapping' | 'group'
  readonly id: string
  readonly name: string
}

const whileItMovesMs = 5_000
const elseMs = 30_000

/** The one ramp of a mapping or group; null without. Verdicts come with no event, so it is read again and again. */
export const rampQuery = ({ kind, id }: Pick<RampTarget, 'kind' | 'id'>) =>
  queryOptions({
    queryKey: ['ramps', kind, id],
    queryFn: async ({ signal }): Promise<RampDetail | null> => {
      const query = kind === 'group' ? { groupId: id } : { mappingId: id }
      const { items } = await api.get('/ramps', pageOf(rampViewSchema), query, signal)
      const [found] = items
      return found === undefined ? null : await api.get(`/ramps/${found.id}`, rampDetailSchema, {}, signal)
    },
    refetchInterval: ({ state }) => (isUnderWay(state.data ?? null) ? whileItMovesMs : elseMs),
  })

export function isUnderWay(ramp: RampDetail | null): boolean {
  return ramp !== null && (ramp.run.status === 'running' || ramp.run.status === 'stepping-back')
}

export const templatesQuery = () =>
  queryOptions({
    queryKey: ['templates'],
    queryFn: ({ signal }) => api.get('/templates', templatesViewSchema, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })

export const defaultGuardrailsQuery = () =>
  queryOptions({
    queryKey: ['guardrails'],
    queryFn: ({ signal }) => api.get('/guardrails', guardrailsViewSchema, {}, signal),
    staleTime: Number.POSITIVE_INFINITY,
  })
