import type { Change } from '@crossfade/contracts/api/changes'
import { sentenceText } from '../../shared/changes/change-sentence.ts'

/** One JSON object per line, as the API gives them. */
export function jsonlOfChanges(changes: readonly Change[]): string {
  return changes.map((change) => `${JSON.stringify(change)}\n`).join('')
}

/** RFC 4180 with a header line. Cells that a spreadsheet would take for a formula get a leading apostrophe. */
export function csvOfChanges(changes: readonly Change[]): string {
  return [columns.map(([name]) => name), ...changes.map((change) => columns.map(([, read]) => read(change)))]
    .map((row) => `${row.map(cell).join(',')}\r\n`)
    .join('')
}

const columns: readonly (readonly [name: string, read: (change: Change) => string])[] = [
  ['seq', (change) => String(change.seq)],
  ['at', (change) => change.at],
  ['sentence', sentenceText],
  ['actor_kind', (change) => change.actor.kind],
  ['actor', (change) => change.actor.name],
  ['act', (change) => change.act],
  ['object_kind', (change) => change.object.kind],
  ['object', (change) => change.object.name],
  ['object_id', (change) => change.object.id],
  ['reason', (change) => change.reason ?? ''],
  ['source', (change) => change.source],
  ['environment', (change) => change.environmentId ?? ''],
  ['revision', (change) => (change.revision === null ? '' : String(change.revision))],
  ['request_id', (change) => change.requestId ?? ''],
  ['before', (change) => jsonCell(change.before)],
  ['after', (change) => jsonCell(change.after)],
]

function jsonCell(value: unknown): string {
  return value === null || value === undefined ? '' : JSON.stringify(value)
}

function cell(text: string): string {
  const safe = /^[=+\-@\t\r\n\uff0b\uff0d\uff1d\uff20]/.test(text) ? `'${text}` : text
  return /[",\r\n]/.test(safe) ? `"${safe.replaceAll('"', '""')}"` : safe
}
