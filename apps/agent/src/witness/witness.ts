import { join } from 'node:path'
import type { Logger } from '@crossfade/runtime/logger'
import { readCheckpoint, type Checkpoint } from '@crossfade/runtime/audit-checkpoint'
import type { Disk } from '../config/disk.ts'
import { writeDurably } from '../config/durable-file.ts'

/** Remembers where the audit trail ended, so that it cannot be shortened or rewritten unseen (rule 23). */
export interface Witness {
  load(): Promise<void>
  /** A checkpoint from the link or a snapshot; one without a valid signature is no news. */
  see(text: string | null): void
  /** The newest that was ever seen, for the control plane and for whoever verifies. */
  newest(): string | null
  /** That the trail went back or changed since. */
  warnings(): readonly string[]
}

interface Seen extends Checkpoint {
  readonly text: string
}

export function createWitness(parts: {
  readonly stateDir: string
  readonly disk: Disk
  readonly trustedKeys: () => readonly string[]
  readonly logger: Logger
}): Witness {
  const file = join(parts.stateDir, 'audit-checkpoint.json')
  let newest: Seen | null = null
  let warning: string | null = null
  let writing = Promise.resolve()

  const keep = (seen: Seen) => {
    newest = seen
    writing = writing
      .then(() => writeDurably(parts.disk, file, seen.text))
      .catch((err: unknown) => parts.logger.warn({ err }, 'The checkpoint of the audit trail was not stored'))
  }

  return {
    async load() {
      if ((await parts.disk.size(file)) === null) return
      const text = await parts.disk.read(file)
      const read = readCheckpoint(text, parts.trustedKeys())
      if (read === null)
        parts.logger.warn({ file }, 'The stored checkpoint of the audit trail is not genuine')
      else newest = { ...read, text }
    },
    see(text) {
      if (text === null || text === newest?.text) return
      const seen = readCheckpoint(text, parts.trustedKeys())
      if (seen === null) return
      if (newest === null || seen.seq > newest.seq) return keep({ ...seen, text })
      const contradiction = contradictionOf(newest, seen)
      if (contradiction === null) return
      if (contradiction !== warning) parts.logger.error(contradiction)
      warning = contradiction
    },
    newest: () => newest?.text ?? null,
    warnings: () => (warning === null ? [] : [warning]),
  }
}

/** A snapshot may bring a checkpoint a little older than the last heartbeat; a trail that lost rows stays behind. */
function contradictionOf(kept: Checkpoint, seen: Checkpoint): string | null {
  if (seen.seq === kept.seq) {
    return seen.mac === kept.mac ? null : `The audit trail has another row ${seen.seq} than this agent saw`
  }
  if (seen.at <= kept.at) return null
  return `The audit trail ended with row ${kept.seq} once, and with row ${seen.seq} later`
}
