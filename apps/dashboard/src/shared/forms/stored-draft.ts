import type { z } from 'zod'

/** A draft in this tab's storage, with the version it is based on. */
export interface StoredDraft<T> {
  readonly draft: T
  readonly baseVersion: number | null
}

/** Drafts survive a reload, and only that: session storage ends with the tab. Unreadable ones count as none. */
export function readDraft<T>(storage: Storage, key: string, schema: z.ZodType<T>): StoredDraft<T> | null {
  const text = storage.getItem(prefix + key)
  if (text === null) return null
  try {
    const { draft, baseVersion } = JSON.parse(text) as { draft: unknown; baseVersion: unknown }
    const parsed = schema.safeParse(draft)
    if (!parsed.success) return null
    return { draft: parsed.data, baseVersion: typeof baseVersion === 'number' ? baseVersion : null }
  } catch {
    return null
  }
}

export function writeDraft(storage: Storage, key: string, stored: StoredDraft<unknown>): void {
  try {
    storage.setItem(prefix + key, JSON.stringify(stored))
  } catch {
    // Full or forbidden storage must not get in the way of editing.
  }
}

export function dropDraft(storage: Storage, key: string): void {
  storage.removeItem(prefix + key)
}

const prefix = 'crossfade.draft.'
