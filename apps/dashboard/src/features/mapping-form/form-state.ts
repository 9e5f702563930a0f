import { useEffect, useState } from 'react'
import { dropDraft, readDraft, writeDraft } from '../../shared/forms/stored-draft.ts'
import type { Save } from '../../shared/forms/use-save.ts'
import { mappingDraftSchema, type MappingDraft, type TargetDraft } from './mapping-draft.ts'
import type { PolicyDraft } from './policy-draft.ts'

export interface FormState {
  readonly draft: MappingDraft
  readonly isDirty: boolean
  /** The draft was found in this tab's storage, with edits. */
  readonly isRestored: boolean
  /** The version the edit began from; null for a new mapping. */
  readonly baseVersion: number | null
  readonly set: (edit: Partial<MappingDraft>) => void
  readonly setSide: (side: 'legacy' | 'new', edit: Partial<TargetDraft>) => void
  readonly setPolicy: (edit: Partial<PolicyDraft>) => void
  /** Back to what is stored on the server, here and in this tab's storage. */
  readonly discard: () => void
}

/** The draft of one mapping, kept in this tab's storage while it differs from what is saved. */
export function useFormState(
  key: string,
  saved: { draft: MappingDraft; version: number | null },
  save: Pick<Save<never>, 'clear'>,
  storage: Storage = window.sessionStorage,
): FormState {
  const [found] = useState(() => readDraft(storage, key, mappingDraftSchema))
  const [draft, setDraft] = useState(found?.draft ?? saved.draft)
  const [baseVersion, setBaseVersion] = useState(found === null ? saved.version : found.baseVersion)
  const [isRestored, setRestored] = useState(found !== null)
  const isDirty = JSON.stringify(draft) !== JSON.stringify(saved.draft)

  useEffect(() => {
    if (isDirty) writeDraft(storage, key, { draft, baseVersion })
    else dropDraft(storage, key)
  }, [storage, key, draft, baseVersion, isDirty])

  return {
    draft,
    isDirty,
    isRestored: isRestored && isDirty,
    baseVersion,
    set: (edit) => {
      for (const field of Object.keys(edit)) save.clear(field)
      setDraft((before) => ({ ...before, ...edit }))
    },
    setSide: (side, edit) => {
      for (const field of Object.keys(edit)) save.clear(`${side}.${field}`)
      setDraft((before) => ({ ...before, [side]: { ...before[side], ...edit } }))
    },
    setPolicy: (edit) => {
      for (const field of Object.keys(edit)) save.clear(`policy.${field}`)
      setDraft((before) => ({ ...before, policy: { ...before.policy, ...edit } }))
    },
    discard: () => {
      dropDraft(storage, key)
      setDraft(saved.draft)
      setBaseVersion(saved.version)
      setRestored(false)
    },
  }
}
