import { headerValues } from './strict-parser.ts'

/** An answer as a client reads it. */
export interface Answer {
  readonly status: number
  readonly reason: string
  readonly headers: readonly string[]
  readonly body: string
  readonly trailers: readonly string[]
  /** False when the connection ended, or the bytes stopped, before the answer was whole. */
  readonly complete: boolean
}

/** What a client made of all bytes received; `rest` could not be read as an answer. */
export interface Reading {
  readonly answers: readonly Answer[]
  /** Interim ones (1xx), in order. */
  readonly interim: readonly Answer[]
  readonly rest: string
}

/** Reads the answers to requests with these methods, in order; `closed`: no more bytes will come. */
export function readAnswers(text: string, methods: readonly string[], closed: boolean): Reading {
  const answers: Answer[] = []
  const interim: Answer[] = []
  let at = 0
  for (;;) {
    const end = text.indexOf('\r\n\r\n', at)
    if (end < 0) break
    const lines = text.slice(at, end).split('\r\n')
    const first = /^HTTP\/1\.1 (\d{3}) ?(.*)$/.exec(lines[0] ?? '')
    if (!first) break
    const head = { status: Number(first[1]), reason: first[2] ?? '', headers: fieldsOf(lines.slice(1)) }
    at = end + 4
    if (head.status < 200 && head.status !== 101) {
      interim.push({ ...head, body: '', trailers: [], complete: true })
      continue
    }
    const { body, trailers, complete, next } = readBody(
      text,
      at,
      head,
      methods[answers.length] ?? 'GET',
      closed,
    )
    answers.push({ ...head, body, trailers, complete })
    at = next
    if (!complete) break
  }
  return { answers, interim, rest: text.slice(at) }
}

interface Body {
  readonly body: string
  readonly trailers: readonly string[]
  readonly complete: boolean
  readonly next: number
}

function readBody(
  text: string,
  at: number,
  { status, headers }: Pick<Answer, 'status' | 'headers'>,
  method: string,
  closed: boolean,
): Body {
  const none = { body: '', trailers: [], complete: true, next: at }
  if (method === 'HEAD' || status === 204 || status === 304) return none
  const rest = text.slice(at)
  if (status === 101) return { ...none, body: rest, next: text.length }
  if (headerValues(headers, 'transfer-encoding').length > 0) return readChunks(text, at)
  const [length] = headerValues(headers, 'content-length')
  if (length === undefined) return { body: rest, trailers: [], complete: closed, next: text.length }
  const body = rest.slice(0, Number(length))
  return { body, trailers: [], complete: body.length === Number(length), next: at + body.length }
}

function readChunks(text: string, from: number): Body {
  let at = from
  let body = ''
  for (;;) {
    const end = text.indexOf('\r\n', at)
    const size = end < 0 ? Number.NaN : Number.parseInt(text.slice(at, end), 16)
    if (Number.isNaN(size)) return { body, trailers: [], complete: false, next: text.length }
    if (size === 0) {
      const trailersEnd = text.startsWith('\r\n', end + 2) ? end : text.indexOf('\r\n\r\n', end)
      if (trailersEnd < 0) return { body, trailers: [], complete: false, next: text.length }
      const lines = text.slice(end + 2, trailersEnd).split('\r\n')
      const trailers = trailersEnd === end ? [] : fieldsOf(lines)
      return { body, trailers, complete: true, next: trailersEnd + 4 }
    }
    body += text.slice(end + 2, end + 2 + size)
    at = end + 2 + size + 2
    if (at > text.length) return { body, trailers: [], complete: false, next: text.length }
  }
}

function fieldsOf(lines: readonly string[]): string[] {
  return lines.flatMap((line) => {
    const colon = line.indexOf(':')
    return [line.slice(0, colon), line.slice(colon + 1).trim()]
  })
}
