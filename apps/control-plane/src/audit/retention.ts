import { every, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { lastBefore, removeThrough } from '../store/audit-rows.ts'
import { systemAuthor } from '../store/author.ts'
import type { Store } from '../store/store.ts'

const dayMs = 24 * 3_600_000
const lookEveryMs = 3_600_000

export interface RetentionParts {
  readonly store: Store
  /** Days that rows of the audit trail are kept; null keeps them for ever. */
  readonly days: number | null
  readonly clock: Clock
  readonly logger: Logger
}

/** Removes rows past their keeping, each time behind a sealed entry that says up to where (rule 23). */
export function auditRetention(parts: RetentionParts): Part {
  let stop = () => {}
  return {
    name: 'audit retention',
    async start() {
      if (parts.days === null) return
      stop = every(
        parts.clock,
        lookEveryMs,
        () => removeOld(parts),
        (err) => parts.logger.warn({ err }, 'Old rows of the audit trail were not removed'),
      )
    },
    stop: async () => stop(),
  }
}

/** Two transactions: an entry without the removal is repeated later, a removal without its entry cannot be. */
export async function removeOld({ store, days, clock }: RetentionParts): Promise<void> {
  if (days === null) return
  const before = new Date(clock.now() - days * dayMs)
  const end = await store.read((db) => lastBefore(db, before))
  if (end === null) return
  await store.change(systemAuthor, null, async (tx) => {
    const object = { kind: 'audit', id: 'chain', name: 'Audit trail' }
    const after = { through: end.seq, mac: end.mac }
    tx.record({ act: 'audit.prune', object, before: null, after, reason: `Older than ${days} days` })
  })
  await store.transaction((db) => removeThrough(db, end.seq))
}
