import {
  shareResultSchema,
  versionConflictSchema,
  type ShareResult,
  type VersionConflict,
} from '@crossfade/contracts/api/mappings'
import { sleep } from '@crossfade/runtime/clock'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { api, asProblem, type ProblemError } from '../../shared/api.ts'
import { useClock } from '../../shared/clock.tsx'
import { newIdempotencyKey } from '../../shared/idempotency-key.ts'
import { reloadAfterChange } from '../../shared/queries.ts'
import { toastProblem } from '../../shared/ui/toast.ts'
import { useLive } from '../live/live-provider.tsx'
import type { Movable } from './movable.ts'

/** What the control plane accepted, to be followed to the agents. */
export interface Accepted {
  readonly act: 'share' | 'rollback' | 'undo'
  readonly result: ShareResult
  /** Our clock, ms. */
  readonly at: number
}

export interface ShareNow {
  readonly percent: number
  readonly shareVersion: number
}

/** The share as last heard, from the answer or the live feed, whichever is newer. */
export function useShareNow(movable: Movable): ShareNow {
  const shares = useLive((state) => state.view?.shares)
  const newest = movable.mappingIds
    .map((id) => shares?.[id])
    .reduce((best, one) => ((one?.shareVersion ?? 0) > (best?.shareVersion ?? 0) ? one : best), undefined)
  return newest !== undefined && newest.shareVersion > movable.shareVersion ? newest : movable
}

export interface ShareActs {
  /** The last act of this page that was accepted. */
  readonly accepted: Accepted | null
  readonly conflict: VersionConflict | null
  readonly problem: ProblemError | null
  readonly isApplying: boolean
  readonly isRollingBack: boolean
  /** How often an unanswered roll back was sent again. */
  readonly rollBackTries: number
  readonly apply: (
    percent: number,
    basedOn: number,
    reason: string,
    act?: 'share' | 'undo',
  ) => Promise<boolean>
  readonly rollBack: () => void
  /** Adds a reason to a roll back that is done: the same act again, which moves nothing. */
  readonly noteReason: (reason: string) => void
  readonly dismiss: () => void
}

const retryRollBackEveryMs = 2_000

/** Share and roll back of a mapping or a group. */
export function useShareActs(movable: Movable): ShareActs {
  const client = useQueryClient()
  const clock = useClock()
  const [accepted, setAccepted] = useState<Accepted | null>(null)
  const [conflict, setConflict] = useState<VersionConflict | null>(null)
  const [rollBackTries, setTries] = useState(0)

  const accept = (act: Accepted['act'], result: ShareResult) => {
    setAccepted({ act, result, at: clock.now() })
    setConflict(null)
    movable.remember(client, result)
    void reloadAfterChange(client, result.kind)
  }

  const share = useMutation({
    mutationFn: (input: ShareCall) =>
      api.send(
        'PUT',
        movable.paths.share,
        { percent: input.percent, ...(input.reason !== '' && { reason: input.reason }) },
        shareResultSchema,
        { ifMatch: input.basedOn, idempotencyKey: newIdempotencyKey() },
      ),
    onSuccess: (result, input) => accept(input.act, result),
    onError: (error) => setConflict(conflictIn(asProblem(error))),
  })

  const rollBack = useMutation({
    mutationFn: async () => {
      // Not once and then silence: until it is answered, or refused.
      for (let tries = 0; ; tries++) {
        setTries(tries)
        try {
          return await api.send('POST', movable.paths.rollBack, {}, shareResultSchema)
        } catch (error) {
          if (asProblem(error).code !== 'unreachable') throw error
          await sleep(clock, retryRollBackEveryMs)
        }
      }
    },
    onSuccess: (result) => accept('rollback', result),
  })

  const note = useMutation({
    mutationFn: (reason: string) => api.send('POST', movable.paths.rollBack, { reason }, shareResultSchema),
    onSuccess: () => client.invalidateQueries({ queryKey: ['changes'] }),
    onError: (error) => toastProblem(error, 'The reason was not noted'),
  })

  const problem = rollBack.error ?? share.error
  return {
    accepted,
    conflict,
    rollBackTries,
    problem: problem === null || conflict !== null ? null : asProblem(problem),
    isApplying: share.isPending,
    isRollingBack: rollBack.isPending,
    apply: async (percent, basedOn, reason, act = 'share') => {
      rollBack.reset()
      try {
        await share.mutateAsync({ percent, basedOn, reason, act })
        return true
      } catch {
        return false
      }
    },
    rollBack: () => {
      share.reset()
      setConflict(null)
      rollBack.mutate()
    },
    noteReason: (reason) => note.mutate(reason),
    dismiss: () => {
      setConflict(null)
      share.reset()
      rollBack.reset()
    },
  }
}

interface ShareCall {
  readonly percent: number
  readonly basedOn: number
  readonly reason: string
  readonly act: 'share' | 'undo'
}

function conflictIn(problem: ProblemError): VersionConflict | null {
  if (problem.code !== 'version_conflict') return null
  const parsed = versionConflictSchema.safeParse(problem.extra)
  return parsed.success ? parsed.data : null
}
