import { once } from 'node:events'
import { connect, createServer, type AddressInfo, type Socket } from 'node:net'

/** A service that speaks bytes, for answers no HTTP library would send. */
export interface RawUpstream {
  readonly url: string
  readonly port: number
  /** All bytes received, per connection, as latin1. */
  readonly connections: readonly { readonly socket: Socket; readonly text: () => string }[]
  /** What it does when a request's head has arrived whole, with that head. */
  onHead(how: (socket: Socket, head: string) => void): void
  close(): Promise<void>
}

export async function startRawUpstream(first: (socket: Socket, head: string) => void): Promise<RawUpstream> {
  let onHead = first
  const connections: { socket: Socket; text: () => string }[] = []
  const server = createServer((socket) => {
    let text = ''
    let seen = 0
    connections.push({ socket, text: () => text })
    socket.on('error', () => {})
    socket.on('data', (chunk: Buffer) => {
      text += chunk.toString('latin1')
      for (let end = text.indexOf('\r\n\r\n', seen); end >= 0; end = text.indexOf('\r\n\r\n', seen)) {
        const head = text.slice(seen, end + 4)
        seen = end + 4
        if (/^[A-Z]+ \S+ HTTP\//.test(head)) onHead(socket, head)
      }
    })
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo

  return {
    url: `http://127.0.0.1:${port}`,
    port,
    connections,
    onHead(how) {
      onHead = how
    },
    async close() {
      for (const { socket } of connections) socket.destroy()
      server.close()
      await once(server, 'close')
    },
  }
}

/** A client that speaks bytes. */
export interface RawClient {
  readonly socket: Socket
  /** All bytes received so far, as latin1. */
  text(): string
  /** Sends latin1 text or bytes. */
  send(bytes: string | Uint8Array): void
  /** Ends when the text received contains `part`; fails when the connection closes without it. */
  until(part: string | RegExp): Promise<string>
  /** Ends when the connection has closed; tells what had arrived and whether it was reset. */
  closed(): Promise<{ readonly text: string; readonly reset: boolean }>
}

export async function rawClient(port: number): Promise<RawClient> {
  const socket = connect(port, '127.0.0.1')
  let text = ''
  let reset = false
  let gone = false
  const waiting = new Set<() => void>()
  const wake = () => {
    for (const check of waiting) check()
  }
  socket.on('data', (chunk: Buffer) => {
    text += chunk.toString('latin1')
    wake()
  })
  socket.on('error', (error: NodeJS.ErrnoException) => {
    reset ||= error.code === 'ECONNRESET' || error.code === 'EPIPE'
  })
  socket.on('close', () => {
    gone = true
    wake()
  })
  await once(socket, 'connect')

  const when = <T>(look: () => T | undefined) =>
    new Promise<T>((resolve, reject) => {
      const check = () => {
        const found = look()
        if (found === undefined && !gone) return
        waiting.delete(check)
        if (found === undefined) reject(new Error(`The connection closed after: ${text.slice(0, 2000)}`))
        else resolve(found)
      }
      waiting.add(check)
      check()
    })

  return {
    socket,
    text: () => text,
    send: (bytes) => void (typeof bytes === 'string' ? socket.write(bytes, 'latin1') : socket.write(bytes)),
    until: (part) =>
      when(() => ((typeof part === 'string' ? text.includes(part) : part.test(text)) ? text : undefined)),
    closed: () => when(() => (gone ? { text, reset } : undefined)),
  }
}
