import { versionConflictSchema, type VersionConflict } from '@crossfade/contracts/api/mappings'
import type { FieldError } from '@crossfade/contracts/problems'
import { useMutation, useQueryClient } from '@tanstack/react-query'
import { useState } from 'react'
import { asProblem, type ProblemError, type SendOptions } from '../api.ts'
import { newIdempotencyKey } from '../idempotency-key.ts'
import { reloadAfterChange } from '../queries.ts'

/** One refused field: `field` is where it stands on the form, null when it has no place of its own there. */
export interface PlacedError extends FieldError {
  readonly field: string | null
}

export interface Save<Input> {
  readonly errorOf: (field: string) => string | undefined
  readonly placed: readonly PlacedError[]
  /** Why it was refused as a whole; null for conflicts, which have their dialog. */
  readonly problem: ProblemError | null
  readonly conflict: VersionConflict | null
  readonly isSaving: boolean
  /** `ifMatch`: the version the edit is based on; none for a new thing. */
  readonly send: (input: Input, ifMatch?: number) => void
  /** Shows errors found without asking; nothing is sent. */
  readonly refuse: (errors: readonly FieldError[]) => void
  /** The person typed there: its message is about something that is gone. */
  readonly clear: (field: string) => void
  /** Sends the same again, on top of what somebody else saved in between. */
  readonly reapply: () => void
  readonly dismiss: () => void
}

/** Saving a definition: versions, conflicts and field errors are handled the same way on every form. */
export function useSave<Input, View>(options: {
  objectKind: string
  fieldOf: (path: string) => string | null
  send: (input: Input, options: SendOptions) => Promise<View>
  onSaved: (view: View) => void
}): Save<Input> {
  const client = useQueryClient()
  const [placed, setPlaced] = useState<readonly PlacedError[]>([])
  const [problem, setProblem] = useState<ProblemError | null>(null)
  const [conflict, setConflict] = useState<VersionConflict | null>(null)
  const show = (errors: readonly FieldError[]) =>
    setPlaced(errors.map((error) => ({ ...error, field: options.fieldOf(error.path) })))

  const mutation = useMutation({
    mutationFn: ({ input, ifMatch }: { input: Input; ifMatch: number | undefined }) =>
      options.send(input, {
        idempotencyKey: newIdempotencyKey(),
        ...(ifMatch !== undefined && { ifMatch }),
      }),
    onMutate: () => {
      show([])
      setProblem(null)
      setConflict(null)
    },
    onSuccess: async (view) => {
      options.onSaved(view)
      await reloadAfterChange(client, options.objectKind)
    },
    onError: (error) => {
      const refused = asProblem(error)
      const stale =
        refused.code === 'version_conflict' ? versionConflictSchema.safeParse(refused.extra) : null
      if (stale?.success === true) return setConflict(stale.data)
      show(refused.errors)
      setProblem(refused)
    },
  })

  return {
    placed,
    problem,
    conflict,
    errorOf: (field) => placed.find((error) => error.field === field)?.message,
    isSaving: mutation.isPending,
    send: (input, ifMatch) => mutation.mutate({ input, ifMatch }),
    refuse: (errors) => {
      setProblem(null)
      show(errors)
    },
    clear: (field) => setPlaced((before) => before.filter((error) => error.field !== field)),
    reapply: () => {
      if (mutation.variables === undefined || conflict === null) return
      mutation.mutate({ input: mutation.variables.input, ifMatch: conflict.currentVersion })
    },
    dismiss: () => setConflict(null),
  }
}

/** What a schema says of an input, with paths as the API writes them. */
export function issuesOf(parsed: {
  error?: { issues: readonly { path: readonly PropertyKey[]; message: string }[] } | undefined
}): readonly FieldError[] {
  return (parsed.error?.issues ?? []).map(({ path, message }) => ({
    path: path.map(String).join('.'),
    message,
  }))
}
