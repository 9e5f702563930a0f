import { apiPrefix, pageOf } from '@crossfade/contracts/api/common'
import type { FieldError, ProblemCode } from '@crossfade/contracts/problems'
import { z } from 'zod'

/** What the server said no with, or why there is no usable answer at all. */
export type ApiErrorCode = ProblemCode | 'unreachable' | 'unreadable'

/** Thrown by every call that does not end well; `extra` holds the members a problem document adds (RFC 9457). */
export class ProblemError extends Error {
  override readonly name = 'ProblemError'
  /** 0 when no answer came. */
  readonly status: number
  readonly code: ApiErrorCode
  readonly title: string
  readonly errors: readonly FieldError[]
  readonly requestId: string | null
  readonly retryAfterSeconds: number | null
  readonly extra: Readonly<Record<string, unknown>>

  constructor(parts: {
    status: number
    code: ApiErrorCode
    title: string
    detail?: string | undefined
    errors?: readonly FieldError[] | undefined
    requestId?: string | null | undefined
    retryAfterSeconds?: number | null | undefined
    extra?: Readonly<Record<string, unknown>> | undefined
    cause?: unknown
  }) {
    super(parts.detail ?? parts.title, { cause: parts.cause })
    this.status = parts.status
    this.code = parts.code
    this.title = parts.title
    this.errors = parts.errors ?? []
    this.requestId = parts.requestId ?? null
    this.retryAfterSeconds = parts.retryAfterSeconds ?? null
    this.extra = parts.extra ?? {}
  }
}

export interface SendOptions {
  /** The version this write is based on; sent as `If-Match: "<version>"`. */
  readonly ifMatch?: number
  readonly idempotencyKey?: string
  readonly signal?: AbortSignal
}

export type Method = 'POST' | 'PUT' | 'DELETE'
export type Query = Readonly<Record<string, string | number | boolean | null | undefined>>

/** For answers without a body. */
export const nothing = z.undefined()

/** `path` is below `/api/v1`, such as `/mappings`. Answers are parsed with the schema; anything else throws `ProblemError`. */
export const api = {
  get<T extends z.ZodType>(path: string, schema: T, query: Query = {}, signal?: AbortSignal) {
    return call('GET', path + queryString(query), undefined, schema, signal ? { signal } : {})
  },
  send<T extends z.ZodType>(
    method: Method,
    path: string,
    body: unknown,
    schema: T,
    options: SendOptions = {},
  ): Promise<z.output<T>> {
    return call(method, path, body, schema, options)
  },
  /** Reads a paged list to its end (at most 10 000 items). */
  async list<T extends z.ZodType>(path: string, item: T, query: Query = {}, signal?: AbortSignal) {
    const items: z.output<T>[] = []
    let cursor: string | null = null
    for (let page = 0; page < 20; page++) {
      const answer: { items: z.output<T>[]; nextCursor: string | null } = await api.get(
        path,
        pageOf(item),
        { ...query, cursor, limit: 500 },
        signal,
      )
      items.push(...answer.items)
      cursor = answer.nextCursor
      if (cursor === null) break
    }
    return items
  },
}

/** `?a=1&b=2` without the members that are not set; empty without any. */
export function queryString(query: Query): string {
  const search = new URLSearchParams()
  for (const [name, value] of Object.entries(query)) {
    if (value !== null && value !== undefined && value !== '') search.set(name, String(value))
  }
  const text = search.toString()
  return text === '' ? '' : `?${text}`
}

/** Any thrown thing as a problem that can be shown. */
export function asProblem(error: unknown): ProblemError {
  if (error instanceof ProblemError) return error
  return new ProblemError({
    status: 0,
    code: 'unreadable',
    title: 'Something went wrong on this page',
    detail: error instanceof Error ? error.message : String(error),
    cause: error,
  })
}

async function call<T extends z.ZodType>(
  method: 'GET' | Method,
  path: string,
  body: unknown,
  schema: T,
  options: SendOptions,
): Promise<z.output<T>> {
  const response = await reach(`${apiPrefix}${path}`, {
    method,
    headers: headersOf(body, options),
    credentials: 'same-origin',
    body: body === undefined ? null : JSON.stringify(body),
    signal: options.signal ?? null,
  })
  const content = await contentOf(response)
  if (!response.ok) throw problemOf(response, content)
  const parsed = schema.safeParse(content)
  if (parsed.success) return parsed.data
  throw new ProblemError({
    status: response.status,
    code: 'unreadable',
    title: 'The server answered something this page does not understand',
    detail: `Reload the page; the server may be newer. (${z.prettifyError(parsed.error)})`,
    requestId: response.headers.get('x-request-id'),
  })
}

function headersOf(body: unknown, options: SendOptions): Record<string, string> {
  return {
    accept: 'application/json',
    'x-crossfade-source': 'dashboard',
    ...(body !== undefined && { 'content-type': 'application/json' }),
    ...(options.ifMatch !== undefined && { 'if-match': `"${options.ifMatch}"` }),
    ...(options.idempotencyKey !== undefined && { 'idempotency-key': options.idempotencyKey }),
  }
}

async function reach(url: string, init: RequestInit): Promise<Response> {
  try {
    return await fetch(url, init)
  } catch (cause) {
    if (init.signal?.aborted) throw cause
    throw new ProblemError({
      status: 0,
      code: 'unreachable',
      title: 'The control plane does not answer',
      detail: 'Check the network and whether the control plane runs. Agents go on with their last snapshot.',
      cause,
    })
  }
}

async function contentOf(response: Response): Promise<unknown> {
  const text = await response.text()
  if (text === '') return undefined
  try {
    return JSON.parse(text)
  } catch {
    return text
  }
}

const problemSchema = z.looseObject({
  title: z.string(),
  status: z.int(),
  code: z.string(),
  detail: z.string().optional(),
  errors: z.array(z.object({ path: z.string(), message: z.string() })).optional(),
  requestId: z.string().optional(),
})

function problemOf(response: Response, content: unknown): ProblemError {
  const parsed = problemSchema.safeParse(content)
  const retryAfter = Number(response.headers.get('retry-after') ?? Number.NaN)
  if (!parsed.success) {
    return new ProblemError({
      status: response.status,
      code: response.status >= 502 && response.status <= 504 ? 'unreachable' : 'unreadable',
      title: `The server answered ${response.status} without saying why`,
      requestId: response.headers.get('x-request-id'),
    })
  }
  const { type: _type, title, status, code, detail, errors, requestId, ...extra } = parsed.data
  return new ProblemError({
    status,
    code: code as ProblemCode,
    title,
    detail,
    errors,
    requestId: requestId ?? response.headers.get('x-request-id'),
    retryAfterSeconds: Number.isFinite(retryAfter) ? retryAfter : null,
    extra,
  })
}
