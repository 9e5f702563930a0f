import { Agent, request } from 'node:http'
import { text } from 'node:stream/consumers'

export interface Asked {
  readonly status: number
  readonly servedBy: string | undefined
  readonly body: string
}

/** A client that keeps its connections, as phones and browsers do. */
export interface Client {
  ask(
    url: string,
    options?: { method?: string; headers?: Record<string, string>; body?: string },
  ): Promise<Asked>
  close(): void
}

export function client(maxSockets = 16): Client {
  const agent = new Agent({ keepAlive: true, maxSockets })
  return {
    ask: (url, { method = 'GET', headers = {}, body } = {}) =>
      new Promise((resolve, reject) => {
        const length = body === undefined ? {} : { 'content-length': String(Buffer.byteLength(body)) }
        const call = request(url, { method, agent, headers: { ...length, ...headers }, timeout: 20_000 })
        call.on('response', (response) => {
          text(response).then((received) => {
            const servedBy = response.headers['x-served-by']
            resolve({
              status: response.statusCode ?? 0,
              servedBy: typeof servedBy === 'string' ? servedBy : undefined,
              body: received,
            })
          }, reject)
        })
        call.on('timeout', () => call.destroy(new Error(`no answer from ${url}`)))
        call.on('error', reject)
        call.end(body)
      }),
    close: () => agent.destroy(),
  }
}

/** Runs `job` for every item, a few at a time, in order of start. */
export async function inParallel<T>(
  width: number,
  items: Iterable<T>,
  job: (item: T) => Promise<void>,
): Promise<void> {
  const iterator = items[Symbol.iterator]()
  const worker = async () => {
    for (let next = iterator.next(); !next.done; next = iterator.next()) await job(next.value)
  }
  await Promise.all(Array.from({ length: width }, worker))
}
