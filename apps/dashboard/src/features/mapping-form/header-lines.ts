export interface HeaderLines {
  readonly headers: Readonly<Record<string, string>>
  /** The first line that is no header; null when all are. */
  readonly badLine: string | null
}

/** `name: value` per line, as copied from a browser or curl. Empty lines count for nothing; the last of a name wins. */
export function headersOfLines(text: string): HeaderLines {
  const headers: Record<string, string> = {}
  for (const line of text.split('\n')) {
    if (line.trim() === '') continue
    const [, name, value] = /^\s*([!#$%&'*+.^_`|~0-9A-Za-z-]+)\s*:\s*(.*?)\s*$/.exec(line) ?? []
    if (name === undefined || value === undefined) return { headers, badLine: line.trim() }
    headers[name.toLowerCase()] = value
  }
  return { headers, badLine: null }
}
