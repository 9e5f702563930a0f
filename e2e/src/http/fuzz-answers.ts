import type { Socket } from 'node:net'
import { readAnswers } from './answers.ts'
import { addressFor, speak } from './fuzz-client.ts'
import { chanceFor, mutate, type Input } from './fuzz-mutations.ts'
import { echoOf, echoTo, type FuzzOrigin } from './fuzz-origin.ts'
import type { StrictRequest } from './strict-parser.ts'

const PATIENCE_MS = 8_000

/** The n-th mutated answer of a seed, and what becomes of its connection. */
export function rudeAnswer(seeds: readonly Input[], seed: number, index: number) {
  const chance = chanceFor(seed, index)
  const pieces = mutate(seeds, chance)
  const how = chance()
  const ending = how < 0.6 ? 'end' : how < 0.8 ? 'break' : 'keep'
  return { pieces, ending } as const
}

/** Answers `/rude/<n>` with the n-th mutated answer, in pieces, then ends, breaks or keeps the connection. */
export function rudeAnswers(seeds: readonly Input[], seed: number) {
  return (request: StrictRequest, socket: Socket): void => {
    const index = /^\/rude\/(\d+)$/.exec(request.target)?.[1]
    if (index === undefined) return echoTo(request, socket)
    const { pieces, ending } = rudeAnswer(seeds, seed, Number(index))
    // An answer too many, sent once its connection carries the next request, no proxy could tell from that one's.
    const isWhole = (part: Input) =>
      readAnswers(part.join(''), ['GET'], false).answers.some((a) => a.complete)
    const parts = pieces.some((_, i) => i > 0 && isWhole(pieces.slice(0, i))) ? [pieces.join('')] : pieces
    const write = (next: number) => {
      if (socket.destroyed) return
      const piece = parts[next]
      if (piece !== undefined) {
        socket.write(Buffer.from(piece, 'latin1'))
        setImmediate(() => write(next + 1))
      } else if (ending === 'end') socket.end()
      else if (ending === 'break') socket.resetAndDestroy()
    }
    write(0)
  }
}

/**
 * Asks for one rude answer, then, on the same connection, for a plain one: the second is the client's own, or the
 * connection has ended; nothing hangs. Answers what went wrong, or null.
 */
export async function tryRudeAnswer(port: number, origin: FuzzOrigin, index: number): Promise<string | null> {
  const address = addressFor(index)
  const ask = (path: string) => `GET ${path} HTTP/1.1\r\nHost: t\r\n\r\n`
  const isEnough = (text: string) =>
    readAnswers(text, ['GET', 'GET'], false).answers.filter((a) => a.complete).length >= 2
  const spoken = await speak(
    port,
    address,
    [ask(`/rude/${index}`), ask(`/own/${index}`)],
    isEnough,
    PATIENCE_MS,
  )
  const got = origin.take(address)
  const { answers, rest } = readAnswers(spoken.text, ['GET', 'GET'], spoken.closed)
  if (origin.violations[0] !== undefined)
    return `the agent sent what a strict reader refuses: ${origin.violations[0]}`
  if (!spoken.closed && !isEnough(spoken.text)) {
    return `nothing within ${PATIENCE_MS} ms but ${JSON.stringify(spoken.text.slice(0, 500))}; service: ${got.map(({ target }) => target).join()}`
  }
  const [, own] = answers
  const asked = got.find(({ target }) => target === `/own/${index}`)
  if (own?.complete === true && own.status === 200 && (asked === undefined || own.body !== echoOf(asked))) {
    return `the client got an answer to something else: ${own.body.slice(0, 200)}`
  }
  if (answers.length === 2 && rest !== '') return `bytes after the last answer: ${rest.slice(0, 200)}`
  return null
}
