import { readAnswers } from './answers.ts'
import { addressFor, speak } from './fuzz-client.ts'
import type { Input } from './fuzz-mutations.ts'
import { echoOf, type FuzzOrigin } from './fuzz-origin.ts'
import { StrictParser, type StrictRequest } from './strict-parser.ts'

/** What a strict reader makes of what a client sends, before any proxy has touched it. */
interface Meant {
  readonly requests: readonly StrictRequest[]
  /** Nothing broken, nothing unfinished. */
  readonly isWhole: boolean
}

const PATIENCE_MS = 5_000
const QUIET_MS = 40

/**
 * Sends one input and holds the agent to the checks that need no expected output: what the service got is in order
 * what a strict reader finds in the input and no more, every answer is the client's own, and nothing hangs. Answers
 * what went wrong, or null.
 */
export async function tryInput(
  port: number,
  origin: FuzzOrigin,
  input: Input,
  index: number,
): Promise<string | null> {
  const meant = readStrictly(input.join(''))
  const methods = meant.requests.map(({ method }) => method)
  const complete = meant.requests.filter((request) => request.complete).length
  const isEnough = (text: string) => {
    if (complete === 0 && !meant.isWhole) return false
    return finals(text, methods) >= complete
  }
  const address = addressFor(index)
  const spoken = await speak(port, address, input, isEnough, meant.isWhole ? PATIENCE_MS : QUIET_MS)
  const got = origin.take(address)

  const violation = origin.violations[0]
  if (violation !== undefined) return `the agent sent what a strict reader refuses: ${violation}`
  const extra = firstNotMeant(got, meant.requests)
  if (extra !== null) return `the service got what was never asked: ${extra.method} ${extra.target}`
  const foreign = foreignAnswer(spoken.text, methods, got)
  if (foreign !== null) return `the client got an answer to something else: ${foreign}`
  if (meant.isWhole && !spoken.closed && !isEnough(spoken.text)) return `nothing within ${PATIENCE_MS} ms`
  return null
}

/** As a strict reader, but for what any server may forgive. */
export function readStrictly(text: string): Meant {
  const parser = new StrictParser(
    () => {},
    () => {},
    { forgiving: true },
  )
  parser.push(text)
  return {
    requests: parser.requests,
    isWhole: parser.violation === null && parser.isBetweenRequests && text !== '',
  }
}

function finals(text: string, methods: readonly string[]): number {
  return readAnswers(text, methods, false).answers.filter(({ complete }) => complete).length
}

/** What arrived must appear in what was meant, in the same order; some of it may have been refused on the way. */
function firstNotMeant(got: readonly StrictRequest[], meant: readonly StrictRequest[]): StrictRequest | null {
  let at = 0
  for (const request of got) {
    while (at < meant.length && !isSame(request, meant[at] as StrictRequest)) at++
    if (at++ >= meant.length) return request
  }
  return null
}

function isSame(got: StrictRequest, meant: StrictRequest): boolean {
  const target = meant.target.replace(/^https?:\/\/[^/?]*(?=\/)/i, '').replace(/^https?:\/\/[^/?]*/i, '/')
  if (got.method !== meant.method || got.target !== target) return false
  if (!got.complete) return meant.body.startsWith(got.body)
  return meant.complete && got.body === meant.body
}

/** Every 200 repeats the request it answers, in order; all others are the agent's own words. */
function foreignAnswer(
  text: string,
  methods: readonly string[],
  got: readonly StrictRequest[],
): string | null {
  let next = 0
  for (const { status, body, complete } of readAnswers(text, methods, true).answers) {
    if (status !== 200 || !complete || body === '') continue
    const at = got.findIndex((request, i) => i >= next && echoOf(request) === body)
    if (at < 0) return body
    next = at + 1
  }
  return null
}
