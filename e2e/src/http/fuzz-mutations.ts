import { seededRandom } from '@crossfade/testkit/seeded-random'

/** The chance of one input of a run, the same every time. */
export function chanceFor(seed: number, index: number): () => number {
  return seededRandom(Math.imul(seed, 0x9e3779b1) + Math.imul(index, 0x85ebca6b))
}

/** Latin1 pieces that are written one after the other. */
export type Input = readonly string[]

type Mutation = (input: Input, chance: () => number, seeds: readonly Input[]) => Input

const TROUBLE = ['\r\n', '\r', '\n', '\0', ':', '\t', ' ']
const HEADERS = [
  'Content-Length: 10',
  'Content-Length: 0',
  'Transfer-Encoding: chunked',
  'Transfer-Encoding: identity',
  'Host: other',
  'Connection: close',
  'Expect: 100-continue',
]

/** A few mutations of a seed; the same chance makes the same input. */
export function mutate(seeds: readonly Input[], chance: () => number): Input {
  let input = pick(seeds, chance)
  const times = 1 + Math.floor(chance() * 3)
  for (let i = 0; i < times; i++) input = pick(mutations, chance)(input, chance, seeds)
  return input.filter((piece) => piece !== '')
}

/** Everything in two pieces, cut at every place there is. */
export function* cuts(input: Input): Generator<Input> {
  const whole = input.join('')
  for (let at = 1; at < whole.length; at++) yield [whole.slice(0, at), whole.slice(at)]
}

/** Those of http-garden: bytes, troublesome bytes, headers, and where one piece ends and the next begins. */
const mutations: readonly Mutation[] = [
  (input, chance) => inPiece(input, chance, (text, at) => text.slice(0, at) + text.slice(at + 1)),
  (input, chance) =>
    inPiece(input, chance, (text, at) => text.slice(0, at) + byte(chance) + text.slice(at + 1)),
  (input, chance) => inPiece(input, chance, (text, at) => text.slice(0, at) + byte(chance) + text.slice(at)),
  (input, chance) =>
    inPiece(input, chance, (text, at) => text.slice(0, at) + pick(TROUBLE, chance) + text.slice(at)),
  (input, chance) =>
    inPiece(input, chance, (text, at) => text.slice(0, at) + pick(TROUBLE, chance) + text.slice(at + 1)),
  (input, chance) => inLines(input, chance, (lines, at) => lines.toSpliced(at, 1)),
  (input, chance) => inLines(input, chance, (lines, at) => lines.toSpliced(at, 0, pick(HEADERS, chance))),
  (input, chance) => inLines(input, chance, (lines, at) => lines.toSpliced(at, 1, pick(HEADERS, chance))),
  (input, chance) => {
    const at = placeIn(input, chance)
    const text = input[at] ?? ''
    const cut = Math.floor(chance() * text.length)
    return input.toSpliced(at, 1, text.slice(0, cut), text.slice(cut))
  },
  (input, chance) => {
    const at = placeIn(input, chance)
    return input.toSpliced(at, 2, (input[at] ?? '') + (input[at + 1] ?? ''))
  },
  (input, chance) => {
    const at = placeIn(input, chance)
    return input.toSpliced(at, 0, input[at] ?? '')
  },
  (input, chance) => {
    const at = placeIn(input, chance)
    const [first, second] = [input[at] ?? '', input[at + 1] ?? '']
    const shift = Math.floor(chance() * 8)
    return input.toSpliced(
      at,
      2,
      first.slice(0, -shift || undefined),
      (shift > 0 ? first.slice(-shift) : '') + second,
    )
  },
  (input, chance, seeds) => [...input, ...pick(seeds, chance)],
]

function inPiece(input: Input, chance: () => number, change: (text: string, at: number) => string): Input {
  const piece = placeIn(input, chance)
  const text = input[piece] ?? ''
  return input.with(piece, change(text, Math.floor(chance() * text.length)))
}

function inLines(
  input: Input,
  chance: () => number,
  change: (lines: readonly string[], at: number) => readonly string[],
): Input {
  const piece = placeIn(input, chance)
  const lines = (input[piece] ?? '').split('\r\n')
  const headers = Math.max(1, lines.indexOf('') - 1)
  return input.with(piece, change(lines, 1 + Math.floor(chance() * headers)).join('\r\n'))
}

function pick<T>(from: readonly T[], chance: () => number): T {
  return from[Math.floor(chance() * from.length)] as T
}

function placeIn(input: Input, chance: () => number): number {
  return Math.floor(chance() * input.length)
}

function byte(chance: () => number): string {
  return String.fromCharCode(Math.floor(chance() * 256))
}
