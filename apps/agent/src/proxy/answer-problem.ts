import { STATUS_CODES, type ServerResponse } from 'node:http'
import { Problem, problems, type ProblemCode } from '@crossfade/contracts/problems'

export interface ProblemAnswer {
  readonly code: ProblemCode
  readonly detail?: string
  readonly requestId?: string
  /** In ms; else a second where the status calls for one. */
  readonly retryAfterMs?: number
  /** What a caller has to show (RFC 9110 section 11.6.1). */
  readonly challenges?: readonly string[]
  /** End the connection after it. */
  readonly close: boolean
}

/** What RFC 9209 section 2.3 calls what we found, where it has a word for exactly that. */
const PROXY_ERRORS: Partial<Record<ProblemCode, string>> = {
  breaker_open: 'destination_unavailable',
  service_unhealthy: 'destination_unavailable',
  over_capacity: 'connection_limit_reached',
  loop_detected: 'proxy_loop_detected',
}

/** An answer of our own (RFC 9457). Says nothing about mappings or services. */
export function answerProblem(response: ServerResponse, answer: ProblemAnswer): void {
  const body = Buffer.from(documentOf(answer))
  response.sendDate = false
  const headers = ['Content-Type', 'application/problem+json', 'Content-Length', String(body.length)]
  headers.push('Cache-Control', 'no-store')
  const { status } = problems[answer.code]
  if (status === 503 || status === 429) {
    headers.push('Retry-After', String(Math.max(1, Math.ceil((answer.retryAfterMs ?? 1_000) / 1_000))))
  }
  for (const challenge of answer.challenges ?? []) headers.push('WWW-Authenticate', challenge)
  const error = PROXY_ERRORS[answer.code]
  if (error !== undefined) headers.push('Proxy-Status', `crossfade; error=${error}`)
  if (answer.close) {
    headers.push('Connection', 'close')
    response.shouldKeepAlive = false
  }
  // Said outright: a reason that could not be passed on would stay with the response.
  response.writeHead(status, STATUS_CODES[status], headers)
  response.end(body)
}

/** The same as bytes, for a connection on which no response object exists. It always ends the connection. */
export function problemBytes(answer: Omit<ProblemAnswer, 'close'>): string {
  const body = documentOf(answer)
  const { status } = problems[answer.code]
  return [
    `HTTP/1.1 ${status} ${STATUS_CODES[status]}`,
    'Content-Type: application/problem+json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    'Connection: close',
    '',
    body,
  ].join('\r\n')
}

function documentOf({ code, detail, requestId }: Omit<ProblemAnswer, 'close'>): string {
  return JSON.stringify(new Problem(code, detail === undefined ? {} : { detail }).toDocument(requestId))
}
