import type { IncomingMessage, ServerResponse } from 'node:http'
import { Problem } from '@crossfade/contracts/problems'
import { parseJson, RefusedJson } from '@crossfade/runtime/safe-json'
import { isAuthorized } from './admin-token.ts'

export interface AdminRequest {
  readonly query: URLSearchParams
  /** What stands for `:id` in the path. */
  readonly id: string
  /** Reads the body; problems `invalid_json` and `body_too_large`. */
  readonly json: () => Promise<unknown>
}

export interface AdminAnswer {
  readonly status?: number
  /** Text, or anything else as JSON. */
  readonly body: unknown
  readonly type?: string
}

export interface AdminRoute {
  readonly method: 'GET' | 'POST' | 'DELETE'
  /** A last segment of `:id` takes one segment. */
  readonly path: string
  /** Open routes tell nothing about what is configured but names of mappings. */
  readonly access: 'open' | 'token'
  readonly handle: (request: AdminRequest) => AdminAnswer | Promise<AdminAnswer>
}

const maxBodyBytes = 1_000_000

/** Answers one request from a table of routes; what goes wrong is a problem document (RFC 9457). */
export async function answer(
  routes: readonly AdminRoute[],
  token: string,
  request: IncomingMessage,
  response: ServerResponse,
  onError: (error: unknown) => void,
): Promise<void> {
  try {
    const { route, id, query } = routeOf(routes, request)
    if (route.access === 'token' && !isAuthorized(request.headers.authorization, token)) {
      throw new Problem('unauthenticated', { detail: 'Send the admin token as Authorization: Bearer' })
    }
    const result = await route.handle({ query, id, json: () => readJson(request) })
    write(response, result)
  } catch (error) {
    if (!(error instanceof Problem)) onError(error)
    const problem = error instanceof Problem ? error : new Problem('internal')
    // What is left of a refused body is not read.
    response.setHeader('connection', 'close')
    write(response, {
      status: problem.status,
      body: problem.toDocument(),
      type: 'application/problem+json',
    })
  }
}

function routeOf(
  routes: readonly AdminRoute[],
  request: IncomingMessage,
): { readonly route: AdminRoute; readonly id: string; readonly query: URLSearchParams } {
  const [path = '/', query = ''] = (request.url ?? '/').split('?', 2)
  const method = request.method === 'HEAD' ? 'GET' : request.method
  const fitting = routes.flatMap((route) => {
    const id = idIn(route.path, path)
    return id === null ? [] : [{ route, id }]
  })
  if (fitting.length === 0) throw new Problem('not_found')
  const found = fitting.find(({ route }) => route.method === method)
  if (!found) throw new Problem('method_not_allowed')
  return { ...found, query: new URLSearchParams(query) }
}

/** Null when the path does not fit; empty when the route takes no id. */
function idIn(pattern: string, path: string): string | null {
  if (!pattern.endsWith('/:id')) return path === pattern ? '' : null
  const stem = pattern.slice(0, -':id'.length)
  const rest = path.slice(stem.length)
  return path.startsWith(stem) && /^[A-Za-z0-9_-]+$/.test(rest) ? rest : null
}

async function readJson(request: IncomingMessage): Promise<unknown> {
  const chunks: Buffer[] = []
  let size = 0
  for await (const chunk of request as AsyncIterable<Buffer>) {
    size += chunk.length
    if (size > maxBodyBytes) throw new Problem('body_too_large')
    chunks.push(chunk)
  }
  try {
    return parseJson(Buffer.concat(chunks).toString())
  } catch (cause) {
    const refused = cause instanceof RefusedJson ? { detail: cause.message } : {}
    throw new Problem('invalid_json', { ...refused, cause })
  }
}

function write(response: ServerResponse, { status = 200, body, type }: AdminAnswer): void {
  const text = typeof body === 'string' ? body : `${JSON.stringify(body)}\n`
  response.writeHead(status, {
    'content-type': type ?? (typeof body === 'string' ? 'text/plain; charset=utf-8' : 'application/json'),
    'content-length': Buffer.byteLength(text),
    'cache-control': 'no-store',
    'x-content-type-options': 'nosniff',
  })
  response.end(text)
}
