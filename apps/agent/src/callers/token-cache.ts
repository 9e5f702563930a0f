import { hash } from 'node:crypto'

/** What was verified once, by the digest of the token. Bounded in entries and size; the longest unused goes first. */
export interface TokenCache<T> {
  get(digest: string): T | undefined
  set(digest: string, value: T, bytes: number): void
  delete(digest: string): void
  size(): number
}

const mostEntries = 10_000
const mostBytes = 16 * 1024 * 1024

export function createTokenCache<T>(limits = { entries: mostEntries, bytes: mostBytes }): TokenCache<T> {
  const entries = new Map<string, { readonly value: T; readonly bytes: number }>()
  let held = 0
  const drop = (digest: string) => {
    held -= entries.get(digest)?.bytes ?? 0
    entries.delete(digest)
  }
  return {
    get(digest) {
      const entry = entries.get(digest)
      if (entry === undefined) return undefined
      entries.delete(digest)
      entries.set(digest, entry)
      return entry.value
    },
    set(digest, value, bytes) {
      drop(digest)
      entries.set(digest, { value, bytes })
      held += bytes
      for (const oldest of entries.keys()) {
        if (entries.size <= limits.entries && held <= limits.bytes) break
        drop(oldest)
      }
    },
    delete: drop,
    size: () => entries.size,
  }
}

/** Of the bytes as on the wire. */
export function digestOf(bytes: string): string {
  return hash('sha256', Buffer.from(bytes, 'latin1'), 'hex')
}
