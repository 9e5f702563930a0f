/** Why a path can be read two ways. */
export type Ambiguity = 'dot-segment' | 'backslash' | 'control' | 'bad-escape' | 'encoded-slash' | 'fragment'

/** `received` is the path as it stood on the wire; `query` is raw, without `?`. */
export type PathReading =
  | { readonly kind: 'clear'; readonly path: string; readonly received: string; readonly query: string }
  | {
      readonly kind: 'ambiguous'
      readonly why: Ambiguity
      readonly path: string
      readonly received: string
      readonly query: string
    }

/**
 * Reads a request target in origin form (rule 4). The canonical path has one spelling per resource: needless
 * escapes decoded (RFC 3986 section 2.3), needed ones in upper case, runs of slashes merged. `%2F` stays, for
 * it is not a separator. Matching uses it; what is forwarded is the received path.
 */
export function readTarget(
  target: string,
  policy: { readonly encodedSlash: 'keep' | 'refuse' },
): PathReading {
  const mark = target.indexOf('?')
  const received = mark === -1 ? target : target.slice(0, mark)
  const query = mark === -1 ? '' : target.slice(mark + 1)
  if (isPlain(received)) return { kind: 'clear', path: received, received, query }

  const why = ambiguityOf(received, policy.encodedSlash)
  if (why !== null) return { kind: 'ambiguous', why, path: received, received, query }
  return { kind: 'clear', path: canonical(received), received, query }
}

/** The canonical spelling of a path that is not ambiguous; also for the literal parts of patterns. */
export function canonical(path: string): string {
  if (isPlain(path)) return path
  return path.replace(/\/{2,}/g, '/').replace(/%[0-9A-Fa-f]{2}|[^%]/g, (unit) => canonicalUnit(unit))
}

export function ambiguityOf(path: string, encodedSlash: 'keep' | 'refuse'): Ambiguity | null {
  if (/%(?![0-9A-Fa-f]{2})/.test(path)) return 'bad-escape'
  // Overlong UTF-8 is an old disguise for slashes and dots (RFC 3629 section 10).
  if (/%c[01]%[89ab]|%e0%[89]|%f0%8/i.test(path)) return 'bad-escape'
  if (/[\u0000-\u0020\u007f]|%[01][0-9a-f]|%7f/i.test(path)) return 'control'
  if (/\\|%5c/i.test(path)) return 'backslash'
  if (path.includes('#')) return 'fragment'
  if (hasDotSegment(path)) return 'dot-segment'
  if (encodedSlash === 'refuse' && /%2f/i.test(path)) return 'encoded-slash'
  return null
}

/** Also sees dots that are encoded, follow `%2F`, or carry a `;parameter`. */
export function hasDotSegment(path: string): boolean {
  return /(?:^|\/|%2f)(?:\.|%2e){1,2}(?:$|\/|%2f|;|%3b)/i.test(path)
}

/**
 * Where each character of the canonical path began in the received one, plus one entry for the end: captures
 * found in the canonical path are cut from the received one with it.
 */
export function alignment(received: string): number[] {
  const starts: number[] = []
  let at = 0
  while (at < received.length) {
    const begin = at
    const unit = received[at] === '%' ? received.slice(at, at + 3) : received.charAt(at)
    at += unit.length
    if (unit === '/') while (received[at] === '/') at++
    for (let i = canonicalUnit(unit).length; i > 0; i--) starts.push(begin)
  }
  starts.push(received.length)
  return starts
}

/** One received character or escape in its canonical spelling. */
function canonicalUnit(unit: string): string {
  const code = unit.length === 1 ? unit.charCodeAt(0) : Number.parseInt(unit.slice(1), 16)
  if (unit.length === 1 ? code === SLASH || isPathCharacter(code) : isPathCharacter(code)) {
    return String.fromCharCode(code)
  }
  return `%${code.toString(16).toUpperCase().padStart(2, '0')}`
}

/**
 * `pchar` of RFC 3986 without escapes: unreserved, plus the delimiters that mean nothing inside a segment.
 * Those are decoded too, for services read `/%40me` and `/@me` alike, and no spelling may slip past a mapping.
 */
function isPathCharacter(code: number): boolean {
  return PATH_CHARACTERS[code] === 1
}

/** True for what needs no work at all, which is nearly everything. */
function isPlain(path: string): boolean {
  if (path.charCodeAt(0) !== SLASH) return false
  let before = 0
  for (let i = 0; i < path.length; i++) {
    const code = path.charCodeAt(i)
    if (code === SLASH ? before === SLASH : PATH_CHARACTERS[code] !== 1) return false
    if (code === DOT && before === SLASH) return false
    before = code
  }
  return true
}

const SLASH = 0x2f
const DOT = 0x2e
const PATH_CHARACTERS = new Uint8Array(256)
for (const char of "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-._~!$&'()*+,;=:@") {
  PATH_CHARACTERS[char.charCodeAt(0)] = 1
}
