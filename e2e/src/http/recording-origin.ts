import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { StrictParser, type StrictRequest } from './strict-parser.ts'

/** One request at the origin, as far as it has come, and the connection it came on. */
export interface AtOrigin {
  readonly request: StrictRequest
  readonly socket: Socket
  /** How many requests this connection has brought, this one included. */
  readonly nth: number
}

/** What an origin does when a head has arrived, and when its body has, too. */
export interface Behaviour {
  readonly onHead?: (exchange: AtOrigin) => void
  readonly onComplete?: (exchange: AtOrigin) => void
}

/** A connection to the origin and what a strict reader made of it. */
export interface OriginConnection {
  readonly parser: StrictParser
  readonly socket: Socket
  bytes: number
  /** When the other side ended or broke it. */
  closedAt: number | null
}

export interface RecordingOrigin {
  readonly port: number
  readonly connections: readonly OriginConnection[]
  /** Forgets everything, closes all connections and behaves like this from now on. */
  reset(behaviour: Behaviour): Promise<void>
  close(): Promise<void>
}

/** The target every case asks for afterwards; it is always answered properly. */
export const CANARY = '/canary'

/** Says which request it answers, so that an answer on the wrong connection shows. */
export const echo: Behaviour = {
  onComplete({ request, socket }) {
    const body = `path=${request.target} len=${request.body.length}`
    const content = request.method === 'HEAD' ? '' : body
    socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${content}`, 'latin1')
  },
}

/** A service that speaks and reads bytes: it records, strictly, and answers as it is told. */
export async function recordingOrigin(): Promise<RecordingOrigin> {
  let behaviour = echo
  let connections: OriginConnection[] = []
  const server = createServer({ allowHalfOpen: true, noDelay: true }, (socket) => {
    const owner = behaviour
    const exchange = (request: StrictRequest) => ({ request, socket, nth: parser.requests.length })
    const behaviourFor = (request: StrictRequest) => (request.target === CANARY ? echo : owner)
    const parser = new StrictParser(
      (request) => behaviourFor(request).onHead?.(exchange(request)),
      (request) => behaviourFor(request).onComplete?.(exchange(request)),
    )
    const connection: OriginConnection = { parser, socket, bytes: 0, closedAt: null }
    connections.push(connection)
    const closed = () => {
      connection.closedAt ??= performance.now()
    }
    socket.on('error', closed)
    socket.on('data', (chunk) => {
      connection.bytes += chunk.length
      parser.push(chunk.toString('latin1'))
    })
    socket.on('end', () => {
      closed()
      socket.end()
    })
    socket.on('close', closed)
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')

  const closeAll = () =>
    Promise.all(
      connections.map(async ({ socket }) => {
        if (socket.destroyed) return
        socket.destroy()
        await once(socket, 'close')
      }),
    )
  return {
    port: (server.address() as AddressInfo).port,
    get connections() {
      return connections
    },
    async reset(next) {
      await closeAll()
      connections = []
      behaviour = next
    },
    async close() {
      await closeAll()
      server.close()
      await once(server, 'close')
    },
  }
}
