import { framing } from './cases/a-framing.ts'
import { chunks } from './cases/b-chunks.ts'
import { syntax } from './cases/c-syntax.ts'
import { hops } from './cases/d-hops.ts'
import { paths } from './cases/e-paths.ts'
import { interim } from './cases/f-interim.ts'
import { connections } from './cases/h-connections.ts'
import type { HttpCase } from './case.ts'
import { chanceFor, cuts, mutate, type Input } from './fuzz-mutations.ts'

const LONGEST = 12_000

/** The inputs of all cases, without pauses. */
export const requestSeeds: readonly Input[] = [framing, chunks, syntax, hops, paths, interim, connections]
  .flat()
  .map(({ send }: HttpCase) => [send.filter((step) => typeof step === 'string').join('')])
  .filter(([text = '']) => text !== '' && text.length < LONGEST)

/** Answers of every framing, whole; mutations break them. */
export const answerSeeds: readonly Input[] = [
  ['HTTP/1.1 200 OK\r\nContent-Length: 5\r\n\r\nhello'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n5\r\nhello\r\n3;a=b\r\nyou\r\n0\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nTrailer: X\r\n\r\n2\r\nok\r\n0\r\nX: 1\r\n\r\n'],
  ['HTTP/1.1 200 OK\r\n\r\nuntil the end'],
  ['HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 204 No Content\r\n\r\n'],
  ['HTTP/1.1 304 Not Modified\r\nETag: "x"\r\nContent-Length: 6\r\n\r\n'],
  ['HTTP/1.1 103 Early Hints\r\nLink: </s.css>\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 100 Continue\r\n\r\n', 'HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok'],
  ['HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\nok', 'HTTP/1.1 200 OK\r\nContent-Length: 6\r\n\r\npoison'],
  ['HTTP/1.1 200 OK\r\nConnection: close\r\nSet-Cookie: a=1\r\nSet-Cookie: b=2\r\nContent-Length: 0\r\n\r\n'],
  ['HTTP/1.1 101 Switching Protocols\r\nUpgrade: foo\r\nConnection: Upgrade\r\n\r\nxxxx'],
  ['HTTP/1.1 302 Found\r\nLocation: /else\r\nContent-Length: 0\r\n\r\n'],
]

/** The n-th mutated request of a seed; always the same. */
export function requestInput(seed: number, index: number): Input {
  return mutate(requestSeeds, chanceFor(seed, index))
}

/** Every seed cut at every byte; `every` keeps each n-th. */
export function* cutInputs(every: number): Generator<Input> {
  let n = 0
  for (const seed of requestSeeds) {
    if ((seed[0]?.length ?? 0) > 1_000) continue
    for (const cut of cuts(seed)) if (n++ % every === 0) yield cut
  }
}

/** Runs `job` for 0 … count - 1, so many at a time; stops at the first that answers what went wrong. */
export async function manyAtATime(
  count: number,
  width: number,
  job: (index: number) => Promise<string | null>,
): Promise<{ readonly index: number; readonly wrong: string } | null> {
  let next = 0
  let found: { index: number; wrong: string } | null = null
  const worker = async () => {
    while (next < count && found === null) {
      const index = next++
      const wrong = await job(index)
      if (wrong !== null) found ??= { index, wrong }
    }
  }
  await Promise.all(Array.from({ length: width }, worker))
  return found
}
