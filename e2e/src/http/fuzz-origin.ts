import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { headerValues, StrictParser, type StrictRequest } from './strict-parser.ts'

/** The origin of a fuzz run: it reads strictly, and keeps what came until it is asked, by the client's address. */
export interface FuzzOrigin {
  readonly port: number
  /** Rules broken by the agent; empty is the point of it all. */
  readonly violations: string[]
  /** What came from this client address; forgotten afterwards. */
  take(address: string): readonly StrictRequest[]
  /** How many requests came in all. */
  received(): number
  close(): Promise<void>
}

/** Answers with target, length and the client's address, so that an answer for another shows. */
export async function fuzzOrigin(
  answer: (request: StrictRequest, socket: Socket) => void = echoTo,
): Promise<FuzzOrigin> {
  const violations: string[] = []
  const seen = new Map<string, StrictRequest[]>()
  const sockets = new Set<Socket>()
  let received = 0
  const server = createServer({ noDelay: true }, (socket) => {
    sockets.add(socket)
    socket.on('close', () => sockets.delete(socket))
    socket.on('error', () => {})
    const parser = new StrictParser(
      (request) => {
        received += 1
        const address = addressOf(request)
        const known = seen.get(address)
        if (known) known.push(request)
        else seen.set(address, [request])
      },
      (request) => {
        parser.forget()
        answer(request, socket)
      },
    )
    socket.on('data', (chunk) => {
      parser.push(chunk.toString('latin1'))
      if (parser.violation === null) return
      violations.push(parser.violation)
      socket.destroy()
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  return {
    port: (server.address() as AddressInfo).port,
    violations,
    take(address) {
      const requests = seen.get(address) ?? []
      seen.delete(address)
      return requests
    },
    received: () => received,
    async close() {
      for (const socket of sockets) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

export function echoTo(request: StrictRequest, socket: Socket): void {
  const body = echoOf(request)
  const content = request.method === 'HEAD' ? '' : body
  socket.write(`HTTP/1.1 200 OK\r\nContent-Length: ${body.length}\r\n\r\n${content}`, 'latin1')
}

export function echoOf(request: StrictRequest): string {
  return `path=${request.target} len=${request.body.length} from=${addressOf(request)}`
}

function addressOf(request: StrictRequest): string {
  return headerValues(request.headers, 'x-real-ip')[0] ?? ''
}
