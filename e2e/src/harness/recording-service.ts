import { createServer, type IncomingHttpHeaders } from 'node:http'
import type { AddressInfo } from 'node:net'
import { buffer } from 'node:stream/consumers'

export interface Received {
  readonly method: string
  readonly target: string
  readonly headers: IncomingHttpHeaders
  readonly rawHeaders: readonly string[]
  readonly body: string
}

/** A service that remembers what reached it and says its name; `status` can be turned. */
export interface RecordingService {
  readonly name: string
  readonly url: string
  readonly received: Received[]
  status: number
  /** Beside those that are always there. */
  headers: Readonly<Record<string, string>>
  /** Breaks the connection once a request has arrived, instead of answering. */
  resets: boolean
  close(): Promise<void>
}

export async function recordingService(name: string, port = 0): Promise<RecordingService> {
  const received: Received[] = []
  const server = createServer((request, response) => {
    buffer(request).then(
      (body) => {
        received.push({
          method: request.method ?? '',
          target: request.url ?? '',
          headers: request.headers,
          rawHeaders: request.rawHeaders,
          body: body.toString(),
        })
        if (service.resets) return request.socket.resetAndDestroy()
        const answer = JSON.stringify({ servedBy: name, target: request.url })
        response.writeHead(service.status, {
          'content-type': 'application/json',
          'content-length': Buffer.byteLength(answer),
          'x-served-by': name,
          ...service.headers,
        })
        response.end(answer)
      },
      () => response.destroy(),
    )
  })
  server.keepAliveTimeout = 60_000
  await new Promise<void>((resolve) => server.listen(port, '127.0.0.1', resolve))
  const service: RecordingService = {
    name,
    url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`,
    received,
    status: 200,
    headers: {},
    resets: false,
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
  return service
}
