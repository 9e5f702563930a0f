import { request, type RequestOptions } from 'node:http'
import { request as secureRequest } from 'node:https'
import { text } from 'node:stream/consumers'
import type { z } from 'zod'
import type { ProblemDocument } from '@crossfade/contracts/problems'
import { parseJson } from '@crossfade/runtime/safe-json'
import { CommandError } from './world.ts'

/** Where a command goes: a control plane by address and token, or the one of a data directory by its socket. */
export type Endpoint =
  | { readonly kind: 'url'; readonly url: string; readonly token: string | null }
  | { readonly kind: 'socket'; readonly path: string }

export interface Call {
  readonly body?: unknown
  readonly ifMatch?: number
  readonly headers?: Readonly<Record<string, string>>
}

export interface Answer {
  readonly status: number
  readonly body: string
  /** The answer's `Date`. */
  readonly date: string | undefined
}

export interface ApiClient {
  call<T>(method: string, path: string, answer: z.ZodType<T>, options?: Call): Promise<T>
}

/** Refusals become a `CommandError` that says title, fields and request id. */
export function apiClient(endpoint: Endpoint): ApiClient {
  return {
    async call(method, path, answer, options = {}) {
      const { status, body } = await exchange(endpoint, method, path, options)
      const value = body === '' ? undefined : parse(body, status)
      if (status >= 400) throw refusal(value as ProblemDocument | undefined, status)
      return answer.parse(value)
    },
  }
}

function parse(body: string, status: number): unknown {
  try {
    return parseJson(body)
  } catch {
    throw new CommandError(`The answer (${status}) is not JSON; is this a Crossfade address?`)
  }
}

function refusal(problem: ProblemDocument | undefined, status: number): CommandError {
  if (problem?.code === undefined) return new CommandError(`Refused with ${status}`)
  const fields = (problem.errors ?? []).map(({ path, message }) => `\n  ${path}: ${message}`).join('')
  const id = problem.requestId === undefined ? '' : ` [${problem.requestId}]`
  return new CommandError(`${problem.detail} (${problem.code})${id}${fields}`)
}

/** One request and its answer, whatever the answer; a `CommandError` when there is none. */
export async function exchange(
  endpoint: Endpoint,
  method: string,
  path: string,
  { body, ifMatch, headers = {} }: Call,
): Promise<Answer> {
  const sent = body === undefined ? undefined : JSON.stringify(body)
  const options: RequestOptions = {
    method,
    timeout: 30_000,
    headers: {
      accept: 'application/json',
      'x-crossfade-source': 'cli',
      ...(sent !== undefined && {
        'content-type': 'application/json',
        'content-length': Buffer.byteLength(sent),
      }),
      ...(ifMatch !== undefined && { 'if-match': `"${ifMatch}"` }),
      ...(endpoint.kind === 'url' &&
        endpoint.token !== null && { authorization: `Bearer ${endpoint.token}` }),
      ...headers,
    },
  }
  return await new Promise((resolve, reject) => {
    const call =
      endpoint.kind === 'socket'
        ? request({ ...options, socketPath: endpoint.path, path })
        : endpoint.url.startsWith('https:')
          ? secureRequest(new URL(path, endpoint.url), options)
          : request(new URL(path, endpoint.url), options)
    call.on('response', (response) => {
      text(response).then(
        (received) =>
          resolve({ status: response.statusCode ?? 0, body: received, date: response.headers.date }),
        reject,
      )
    })
    call.on('timeout', () => call.destroy(new Error('no answer within 30 s')))
    call.on('error', (error: Error) =>
      reject(new CommandError(`${where(endpoint)} cannot be reached: ${error.message}`)),
    )
    call.end(sent)
  })
}

function where(endpoint: Endpoint): string {
  return endpoint.kind === 'socket' ? `The control plane of ${endpoint.path}` : endpoint.url
}
