import type { Published, Publisher } from '../publish/published.ts'
import type { Signer } from '@crossfade/runtime/seal'
import type { JournalEntry } from './journal.ts'
import { sealOverlay, unionOf, type SealedOverlay } from './overlays.ts'

/** Roll backs that no snapshot carries yet. */
export interface PendingRollBacks {
  add(entry: JournalEntry): void
  remove(id: string): void
  of(environmentId: string): readonly JournalEntry[]
  /** All of an environment in one overlay, one revision ahead of its snapshot, so that only the next drops it. */
  overlay(environmentId: string): SealedOverlay | null
}

export function createPendingRollBacks(
  publisher: Pick<Publisher, 'current'>,
  signer: Signer,
): PendingRollBacks {
  const entries = new Map<string, JournalEntry>()
  const of = (environmentId: string) =>
    [...entries.values()].filter((entry) => entry.environmentId === environmentId)
  return {
    of,
    add: (entry) => void entries.set(entry.id, entry),
    remove: (id) => void entries.delete(id),
    overlay(environmentId) {
      const published: Published | null = publisher.current(environmentId)
      const open = of(environmentId)
      if (published === null || open.length === 0) return null
      return sealOverlay(published, unionOf(open), published.header.revision + 1, signer)
    },
  }
}
