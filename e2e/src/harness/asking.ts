import { request as plainRequest } from 'node:http'
import { request as secureRequest, type RequestOptions } from 'node:https'
import { text } from 'node:stream/consumers'

export interface Heard {
  /** 101 when the connection was upgraded. */
  readonly status: number
  readonly headers: Readonly<Record<string, string | string[] | undefined>>
  readonly text: string
  /** Of a problem document; null for anything else. */
  readonly code: string | null
}

export interface Asking {
  readonly headers?: Readonly<Record<string, string>>
  readonly body?: string
}

/** One request as raw as it is given, on a connection of its own, whatever certificate answers. */
export function asking(base: string) {
  const { hostname, port, protocol } = new URL(base)
  const begin = protocol === 'https:' ? secureRequest : plainRequest
  return (method: string, path: string, { headers = {}, body }: Asking = {}): Promise<Heard> =>
    new Promise((resolve, reject) => {
      const options: RequestOptions = { hostname, port, path, method, headers, agent: false, timeout: 15_000 }
      const call = begin({ ...options, rejectUnauthorized: false })
      call.on('response', (response) => {
        text(response).then((received) => {
          const { statusCode: status = 0, headers: heard } = response
          resolve({ status, headers: heard, text: received, code: codeOf(received) })
        }, reject)
      })
      call.on('upgrade', (response, socket) => {
        socket.destroy()
        resolve({ status: 101, headers: response.headers, text: '', code: null })
      })
      call.on('timeout', () => call.destroy(new Error(`no answer to ${method} ${path}`)))
      call.on('error', reject)
      call.end(body)
    })
}

export type Ask = ReturnType<typeof asking>

function codeOf(received: string): string | null {
  try {
    const { code } = JSON.parse(received) as { code?: unknown }
    return typeof code === 'string' ? code : null
  } catch {
    return null
  }
}

export const upgrade = {
  connection: 'Upgrade',
  upgrade: 'websocket',
  'sec-websocket-version': '13',
  'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
} as const

/** Name and value of the cookie an answer leaves a browser with. */
export function cookieOf(heard: Heard): string {
  return (heard.headers['set-cookie'] ?? []).at(-1)?.split(';', 1)[0] ?? ''
}
