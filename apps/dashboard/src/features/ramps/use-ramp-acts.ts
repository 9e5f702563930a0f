import { rampViewSchema, type rampActBodies, type RampActName } from '@crossfade/contracts/api/ramps'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import type { z } from 'zod'
import { api, asProblem, type ProblemError } from '../../shared/api.ts'
import { newIdempotencyKey } from '../../shared/idempotency-key.ts'
import { reloadAfterChange } from '../../shared/queries.ts'

export type RampActBody<Name extends RampActName> = z.input<(typeof rampActBodies)[Name]>

interface Call {
  readonly name: RampActName
  readonly body: object
}

export interface RampActs {
  readonly perform: <Name extends RampActName>(name: Name, body: RampActBody<Name>) => Promise<boolean>
  /** What is being done right now. */
  readonly busy: RampActName | null
  /** Why the last one was refused. */
  readonly problem: ProblemError | null
  readonly dismiss: () => void
}

/** What a person does to one ramp. Whatever comes of it, the ramp is read again: a refusal means it moved on. */
export function useRampActs(ramp: { readonly id: string; readonly version: number }): RampActs {
  const client = useQueryClient()
  const act = useMutation({
    mutationFn: ({ name, body }: Call) =>
      api.send('POST', `/ramps/${ramp.id}/${name}`, body, rampViewSchema, {
        idempotencyKey: newIdempotencyKey(),
        ...(name === 'start' && { ifMatch: ramp.version }),
      }),
    onSettled: () => reloadAfterChange(client, 'ramp'),
  })
  return {
    perform: async (name, body) => {
      try {
        await act.mutateAsync({ name, body })
        return true
      } catch {
        return false
      }
    },
    busy: act.isPending ? act.variables.name : null,
    problem: act.error === null ? null : asProblem(act.error),
    dismiss: act.reset,
  }
}

/** `{ reason }`, or nothing where none was given. */
export function reasonOf(text: string): { reason?: string } {
  const reason = text.trim()
  return reason === '' ? {} : { reason }
}
