import { createServer, type IncomingMessage, type ServerResponse } from 'node:http'
import type { AddressInfo } from 'node:net'
import type { Part } from '@crossfade/runtime/lifecycle'

export interface Address {
  readonly host: string
  readonly port: number
}

export interface HttpPart extends Part {
  /** Null before it listens. */
  address(): AddressInfo | null
}

/** A small HTTP server for people and orchestrators, never for traffic. */
export function httpPart(
  name: string,
  listen: Address,
  handle: (request: IncomingMessage, response: ServerResponse) => Promise<void>,
): HttpPart {
  const server = createServer(
    { headersTimeout: 10_000, requestTimeout: 30_000, keepAliveTimeout: 5_000 },
    (request, response) => void handle(request, response),
  )
  return {
    name,
    address: () => {
      const address = server.address()
      return typeof address === 'object' ? address : null
    },
    start: () =>
      new Promise((resolve, reject) => {
        server.once('error', reject)
        server.listen(listen.port, listen.host, () => {
          server.off('error', reject)
          resolve()
        })
      }),
    stop: () =>
      new Promise((resolve) => {
        server.close(() => resolve())
        server.closeAllConnections()
      }),
  }
}
