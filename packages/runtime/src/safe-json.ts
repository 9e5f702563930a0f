/** Without these no key can be poisonous; an escape could spell one. */
const suspicious = /__proto__|constructor|\\u/
/** Ours are not a tenth as deep; what walks a value calls itself for each level. */
const deepest = 100

/** JSON that we do not take; the message says why without repeating any of it. */
export class RefusedJson extends SyntaxError {
  override readonly name = 'RefusedJson'
}

/**
 * The one way text from outside becomes a value. Throws a `SyntaxError` for what is not JSON (RFC 8259), a
 * `RefusedJson` for keys that reach for prototypes, keys given twice (parsers differ in which one counts) and too
 * many levels.
 */
export function parseJson(text: string): unknown {
  const { levels, keys } = shapeOf(text)
  if (levels > deepest) throw new RefusedJson(`More than ${deepest} levels are not accepted`)
  const value = parseFrame(text)
  if (keysIn(value) !== keys) throw new RefusedJson('A key that stands twice in one object is not accepted')
  return value
}

/**
 * The same without counting levels and keys, which costs half as much again as parsing: for the many frames of
 * numbers, which a strict schema reads next.
 */
export function parseFrame(text: string): unknown {
  if (!suspicious.test(text)) return JSON.parse(text)
  try {
    return JSON.parse(text, refusePrototypes)
  } catch (error) {
    // The reviver calls itself for each level.
    if (error instanceof RangeError) throw new RefusedJson('Too many levels', { cause: error })
    throw error
  }
}

function refusePrototypes(key: string, value: unknown): unknown {
  if (key === '__proto__') throw new RefusedJson('The key __proto__ is not accepted')
  if (key === 'constructor' && typeof value === 'object' && value !== null && 'prototype' in value) {
    throw new RefusedJson('The key constructor.prototype is not accepted')
  }
  return value
}

const quote = 0x22
const backslash = 0x5c

/** Of sound JSON, whose colons outside strings each follow a key. */
function shapeOf(text: string): { readonly levels: number; readonly keys: number } {
  let level = 0
  let levels = 0
  let keys = 0
  let inString = false
  for (let at = 0; at < text.length; at++) {
    const code = text.charCodeAt(at)
    if (inString) {
      if (code === backslash) at++
      else if (code === quote) inString = false
    } else if (code === quote) inString = true
    else if (code === 0x7b || code === 0x5b) levels = Math.max(levels, ++level)
    else if (code === 0x7d || code === 0x5d) level--
    else if (code === 0x3a) keys++
  }
  return { levels, keys }
}

function keysIn(value: unknown): number {
  if (typeof value !== 'object' || value === null) return 0
  if (Array.isArray(value)) return value.reduce((sum: number, one) => sum + keysIn(one), 0)
  const inner: unknown[] = Object.values(value)
  return inner.reduce((sum: number, one) => sum + keysIn(one), inner.length)
}
