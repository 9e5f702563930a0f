import { plainLine } from '@crossfade/runtime/plain-text'
import { stringify } from 'yaml'

export const formats = ['table', 'json', 'yaml'] as const
export type Format = (typeof formats)[number]

/** A table for people; the whole value for programs. */
export function render<T>(
  format: Format,
  items: readonly T[],
  columns: Readonly<Record<string, (item: T) => string>>,
): string {
  if (format === 'json') return JSON.stringify(items, null, 2)
  if (format === 'yaml') return stringify(items).trimEnd()
  const rows = [
    Object.keys(columns),
    ...items.map((item) => Object.values(columns).map((cell) => plainLine(cell(item)))),
  ]
  const widths = Object.keys(columns).map((_, column) =>
    Math.max(...rows.map((row) => (row[column] ?? '').length)),
  )
  return rows
    .map((row) =>
      row
        .map((cell, column) => cell.padEnd(widths[column] ?? 0))
        .join('  ')
        .trimEnd(),
    )
    .join('\n')
}

export function renderOne(format: Format, value: unknown, sentence: string): string {
  if (format === 'json') return JSON.stringify(value, null, 2)
  if (format === 'yaml') return stringify(value).trimEnd()
  return sentence
}
