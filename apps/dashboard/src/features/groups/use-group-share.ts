import type { GroupView } from '@crossfade/contracts/api/groups'
import { shareResultSchema, versionConflictSchema, type ShareResult } from '@crossfade/contracts/api/mappings'
import { sleep } from '@crossfade/runtime/clock'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, asProblem } from '../../shared/api.ts'
import { useClock } from '../../shared/clock.tsx'
import { newIdempotencyKey } from '../../shared/idempotency-key.ts'
import { groupQuery, reloadAfterChange } from '../../shared/queries.ts'

const retryRollBackEveryMs = 2_000

/** Moving the share of a group, and rolling it back: both move every member at once. */
export function useGroupShare(group: GroupView) {
  const client = useQueryClient()
  const clock = useClock()
  const [accepted, setAccepted] = useState<ShareResult | null>(null)
  const accept = (result: ShareResult) => {
    setAccepted(result)
    client.setQueryData(groupQuery(group.id).queryKey, (known) => known && withShare(known, result))
    void reloadAfterChange(client, 'group')
  }
  const share = useMutation({
    mutationFn: ({ percent, basedOn, reason }: { percent: number; basedOn: number; reason: string }) =>
      api.send(
        'PUT',
        `/groups/${group.id}/share`,
        { percent, ...(reason !== '' && { reason }) },
        shareResultSchema,
        { ifMatch: basedOn, idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: accept,
  })
  const rollBack = useMutation({
    mutationFn: async () => {
      // Not once and then silence: until it is answered, or refused.
      for (;;) {
        try {
          return await api.send('POST', `/groups/${group.id}/rollback`, {}, shareResultSchema)
        } catch (error) {
          if (asProblem(error).code !== 'unreachable') throw error
          await sleep(clock, retryRollBackEveryMs)
        }
      }
    },
    onSuccess: accept,
  })
  const refused = share.error === null ? null : asProblem(share.error)
  const stale = refused?.code === 'version_conflict' ? versionConflictSchema.safeParse(refused.extra) : null
  const conflict = stale?.success === true ? stale.data : null
  return {
    accepted,
    conflict,
    problem: conflict === null ? (rollBack.error ?? share.error) : null,
    isApplying: share.isPending,
    isRollingBack: rollBack.isPending,
    apply: share.mutate,
    rollBack: () => rollBack.mutate(),
    dismiss: () => {
      share.reset()
      rollBack.reset()
    },
  }
}

function withShare(group: GroupView, result: ShareResult): GroupView {
  if (result.shareVersion < group.shareVersion) return group
  return { ...group, shareVersion: result.shareVersion, split: { ...group.split, percent: result.percent } }
}
