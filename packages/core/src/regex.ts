import { RE2JS, RE2JSException } from 're2js'

/** A pattern in RE2 syntax: linear time whatever the input. The only file that knows the engine. */
export interface PathRegex {
  test(path: string): boolean
  /** Where the groups stand in a path that fits, by number and by name; empty where one took no part. */
  capture(path: string): readonly Span[]
  /** Names and numbers of groups. */
  readonly groups: readonly string[]
  /** Engine instructions. */
  readonly size: number
}

/** A named part of a path, half open. */
export type Span = readonly [name: string, start: number, end: number]

/** Engine instructions a pattern may compile to; time per request grows with it. */
const LARGEST_PROGRAM = 1_000
const LONGEST_PATTERN = 512

/**
 * The same pattern gives the same object as long as it is remembered: a new snapshot does not compile what the
 * last one did, and keeps what the engine has learnt about the paths it sees.
 */
export function compileRegex(pattern: string): PathRegex {
  const known = remembered.get(pattern)
  if (known) return known
  if (remembered.size >= MOST_REMEMBERED) remembered.clear()
  const regex = wrap(RE2JS.compile(pattern))
  // What is refused for its size is not kept.
  if (regex.size > LARGEST_PROGRAM) return regex
  remembered.set(pattern, regex)
  return regex
}

const MOST_REMEMBERED = 20_000
const remembered = new Map<string, PathRegex>()

function wrap(compiled: RE2JS): PathRegex {
  const groups: readonly (readonly [name: string, number: number])[] = [
    ...Array.from({ length: compiled.groupCount() }, (_, i) => [String(i + 1), i + 1] as const),
    ...Object.entries(compiled.namedGroups()),
  ]
  return {
    size: compiled.programSize(),
    groups: groups.map(([name]) => name),
    test: (path) => compiled.test(path),
    capture(path) {
      const matcher = compiled.matcher(path)
      if (!matcher.find()) return []
      return groups.map(([name, number]) => {
        const start = matcher.start(number)
        return start < 0 ? [name, 0, 0] : [name, start, matcher.end(number)]
      })
    },
  }
}

/** Why a pattern cannot be used, in words for the person who typed it; null when it can. */
export function problemOfRegex(pattern: string): string | null {
  if (pattern.length > LONGEST_PATTERN) return `Keep the pattern within ${LONGEST_PATTERN} characters`
  if (pattern.includes('<__proto__>')) return 'A group cannot be called __proto__'
  try {
    return compileRegex(pattern).size > LARGEST_PROGRAM
      ? 'The pattern is too large; use smaller repetitions'
      : null
  } catch (error) {
    if (!(error instanceof RE2JSException)) throw error
    const fancy = fancySyntaxOf(pattern)
    if (fancy !== null) return `${fancy} cannot be matched in linear time, so RE2 syntax leaves it out`
    return error.message.replace('error parsing regexp: ', 'RE2 syntax: ')
  }
}

/**
 * Literal text every match of the pattern must begin the path with; empty when the pattern does not say.
 * Lets the router skip patterns without running them.
 */
export function literalPrefixOf(pattern: string): string {
  if (!pattern.startsWith('^') || hasTopLevelChoice(pattern) || pattern.includes('\\Q')) return ''
  let prefix = ''
  let at = 1
  while (at < pattern.length) {
    const escaped = pattern[at] === '\\'
    const char = pattern.charAt(escaped ? at + 1 : at)
    if (escaped ? !/[^A-Za-z0-9]/.test(char) : !/[A-Za-z0-9/_~\-%@:=,;&!'"<> ]/.test(char)) break
    at += escaped ? 2 : 1
    if (/[*+?{]/.test(pattern.charAt(at))) break
    prefix += char
  }
  return prefix
}

function hasTopLevelChoice(pattern: string): boolean {
  let depth = 0
  let inClass = false
  for (let i = 0; i < pattern.length; i++) {
    const char = pattern[i]
    if (char === '\\') i++
    else if (inClass) inClass = char !== ']'
    else if (char === '[') {
      inClass = true
      // A bracket that stands first in a class is a literal one.
      if (pattern[i + 1] === '^') i++
      if (pattern[i + 1] === ']') i++
    } else if (char === '(') depth++
    else if (char === ')') depth--
    else if (char === '|' && depth === 0) return true
  }
  return false
}

function fancySyntaxOf(pattern: string): string | null {
  const plain = pattern.replace(/\\\\/g, '')
  if (/(?<!\\)\(\?<?[=!]/.test(plain)) return 'Look-around'
  if (/\\[1-9]|\\k</.test(plain)) return 'A back-reference'
  if (/(?<!\\)\(\?>/.test(plain)) return 'An atomic group'
  return null
}
