import { createHash, randomBytes } from 'node:crypto'
import { readdir, readFile, stat } from 'node:fs/promises'
import path from 'node:path'

/** Secrets of one run, each with the words for a failed test, and where each of them may be. */
export interface Marks {
  /** A new secret that is like no other text. */
  make(what: string): string
  /** A secret that somebody else made. */
  know(what: string, secret: string): string
  /** What is in this text, in any form that gives a secret away: as it is, in base64, percent-encoded, as JSON. */
  foundIn(text: string | Buffer): string[]
  /** SHA-256 of secrets that must be stored as that. */
  digestOf(secret: string): string
  readonly count: number
}

export function createMarks(): Marks {
  const forms = new Map<string, readonly string[]>()
  const know = (what: string, secret: string): string => {
    if (secret.length < 16) throw new Error(`${what} is too short to be told from other text`)
    forms.set(what, formsOf(secret))
    return secret
  }
  return {
    make: (what) => know(what, `mark-${randomBytes(18).toString('hex')}`),
    know,
    foundIn(text) {
      const haystack = typeof text === 'string' ? text : text.toString('latin1')
      return [...forms].filter(([, all]) => all.some((form) => haystack.includes(form))).map(([what]) => what)
    },
    digestOf: (secret) => createHash('sha256').update(secret).digest('hex'),
    get count() {
      return forms.size
    },
  }
}

/** Base64 hides where it begins, so the three ways to begin in the middle of other bytes are looked for too. */
function formsOf(secret: string): string[] {
  const lines = secret.includes('-----BEGIN') ? pemLines(secret) : [secret]
  return lines.flatMap((line) => {
    const encoded = [0, 1, 2].map((before) => {
      const base64 = Buffer.from('x'.repeat(before) + line).toString('base64')
      return base64.slice(before === 0 ? 0 : 4, -4)
    })
    return [line, encodeURIComponent(line), ...encoded, ...encoded.map(toUrlSafe)]
  })
}

/** The inner lines: the first bytes of a key say only what kind it is. */
function pemLines(pem: string): string[] {
  const [, ...inner] = pem.split('\n').filter((line) => line !== '' && !line.startsWith('-----'))
  return inner.length > 0 ? inner : [pem.split('\n')[1]?.slice(24) ?? pem]
}

function toUrlSafe(base64: string): string {
  return base64.replaceAll('+', '-').replaceAll('/', '_')
}

export interface FoundFile {
  readonly file: string
  readonly mode: number
  readonly found: readonly string[]
}

/** Every file below a folder that holds a secret. */
export async function scanFolder(marks: Marks, folder: string): Promise<FoundFile[]> {
  const names = await readdir(folder, { recursive: true, withFileTypes: true })
  const files = names
    .filter((entry) => entry.isFile())
    .map((entry) => path.join(entry.parentPath, entry.name))
  const scanned = await Promise.all(
    files.map(async (file) => {
      const [bytes, { mode }] = await Promise.all([readFile(file), stat(file)])
      return { file: path.relative(folder, file), mode: mode & 0o777, found: marks.foundIn(bytes) }
    }),
  )
  return scanned.filter(({ found }) => found.length > 0)
}
