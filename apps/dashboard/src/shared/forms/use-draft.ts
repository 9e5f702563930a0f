import { useState } from 'react'
import type { Save } from './use-save.ts'

/** The values of a form: `set` also forgets what was said about the field. */
export function useDraft<T extends object>(initial: T, save: Pick<Save<never>, 'clear'>) {
  const [start, setStart] = useState(initial)
  const [draft, setDraft] = useState(initial)
  return {
    draft,
    isDirty: JSON.stringify(draft) !== JSON.stringify(start),
    set: <Field extends keyof T & string>(field: Field, value: T[Field]) => {
      save.clear(field)
      setDraft((before) => ({ ...before, [field]: value }))
    },
    /** Begins again from here, unedited. */
    reset: (next: T) => {
      setStart(next)
      setDraft(next)
    },
  }
}
