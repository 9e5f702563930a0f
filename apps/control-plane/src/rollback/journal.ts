import { closeSync, fsyncSync, mkdirSync, openSync, readFileSync } from 'node:fs'
import { appendFile, truncate } from 'node:fs/promises'
import { dirname } from 'node:path'
import { z } from 'zod'
import { changeSchema } from '@crossfade/contracts/api/changes'
import { parseJson } from '@crossfade/runtime/safe-json'

/** A roll back that was sent to agents and may not be in the database yet. */
export const journalEntrySchema = z.strictObject({
  id: z.string(),
  at: z.iso.datetime(),
  author: z.strictObject({
    actor: changeSchema.shape.actor,
    source: changeSchema.shape.source,
    requestId: z.string().nullable(),
  }),
  kind: z.enum(['mapping', 'group', 'environment']),
  targetId: z.string(),
  reason: z.string().nullable(),
  environmentId: z.string(),
  /** What the overlay sets to 0. */
  mappingIds: z.array(z.string()),
  groupIds: z.array(z.string()),
})
export type JournalEntry = z.infer<typeof journalEntrySchema>

/** Roll backs on disk until the database has them (rule 19): one JSON line for each begun and each recorded. */
export interface Journal {
  /** Begun and not recorded when the journal was opened, oldest first. */
  readonly left: readonly JournalEntry[]
  /** On the disk when this ends. */
  begin(entry: JournalEntry): Promise<void>
  recorded(id: string): Promise<void>
}

const lineSchema = z.union([
  z.strictObject({ begun: journalEntrySchema }),
  z.strictObject({ recorded: z.string() }),
])

export function openJournal(path: string): Journal {
  mkdirSync(dirname(path), { recursive: true, mode: 0o700 })
  const left = read(path)
  const open = new Set(left.map((entry) => entry.id))
  let last: Promise<void> = Promise.resolve()

  /** One write at a time, in order; a failed one does not stop the next. */
  const write = (job: () => Promise<void>): Promise<void> => {
    const mine = last.catch(() => {}).then(job)
    last = mine
    return mine
  }
  // A line starts with its own break: what stands before may be half a line from a crash.
  const append = (line: z.infer<typeof lineSchema>) =>
    appendFile(path, `\n${JSON.stringify(line)}\n`, { flush: true })

  return {
    left,
    begin(entry) {
      open.add(entry.id)
      return write(() => append({ begun: entry }))
    },
    recorded(id) {
      return write(async () => {
        open.delete(id)
        if (open.size === 0) await truncate(path)
        else await append({ recorded: id })
      })
    },
  }
}

function read(path: string): JournalEntry[] {
  // Made now, with its directory entry on disk: later appends only flush the file.
  closeSync(openSync(path, 'a', 0o600))
  const folder = openSync(dirname(path), 'r')
  fsyncSync(folder)
  closeSync(folder)
  const entries = new Map<string, JournalEntry>()
  for (const text of readFileSync(path, 'utf8').split('\n')) {
    const line = lineOf(text)
    if (line === null) continue
    if ('begun' in line) entries.set(line.begun.id, line.begun)
    else entries.delete(line.recorded)
  }
  return [...entries.values()]
}

/** A crash in the middle of a write leaves half a line; what was answered before it is whole. */
function lineOf(text: string): z.infer<typeof lineSchema> | null {
  try {
    return lineSchema.parse(parseJson(text))
  } catch {
    return null
  }
}
