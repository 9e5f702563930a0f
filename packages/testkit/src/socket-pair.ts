import { EventEmitter } from 'node:events'

/** One end of a WebSocket that exists only in memory; has what `ws` has of it. */
export interface FakeSocket {
  readonly readyState: number
  /** A test says how many bytes wait. */
  bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  terminate(): void
  on(event: 'message', listener: (data: Buffer, isBinary: boolean) => void): unknown
  on(event: 'close', listener: (code: number, reason: Buffer) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
  /** Sends bytes as a binary frame. */
  sendBinary(bytes: Uint8Array): void
  /** As if the wire broke on this side. */
  breakWith(error: Error): void
}

const OPEN = 1
const CLOSED = 3

/** Two connected sockets. What one sends the other gets in the next turn, in order, until either side closes. */
export function socketPair(): [FakeSocket, FakeSocket] {
  const left = end()
  const right = end()
  left.peer = right
  right.peer = left
  return [left.socket, right.socket]
}

interface End {
  readonly socket: FakeSocket
  readonly emitter: EventEmitter
  peer: End | null
  state: number
  /** Its listeners know. */
  closed: boolean
}

function end(): End {
  const emitter = new EventEmitter()
  const later = (job: () => void) => setImmediate(job)
  const shut = (code: number, reason: string) => {
    if (mine.state === CLOSED) return
    mine.state = CLOSED
    for (const side of [mine, mine.peer]) {
      later(() => {
        if (!side || side.closed) return
        side.closed = true
        side.state = CLOSED
        side.emitter.emit('close', code, Buffer.from(reason))
      })
    }
  }
  const deliver = (data: Buffer, isBinary: boolean) => {
    const { peer } = mine
    if (mine.state !== OPEN || !peer) return
    later(() => !peer.closed && peer.emitter.emit('message', data, isBinary))
  }
  const socket: FakeSocket = {
    get readyState() {
      return mine.state
    },
    bufferedAmount: 0,
    send: (text) => deliver(Buffer.from(text), false),
    sendBinary: (bytes) => deliver(Buffer.from(bytes), true),
    close: (code = 1005, reason = '') => shut(code, reason),
    terminate: () => shut(1006, ''),
    breakWith(error) {
      later(() => emitter.emit('error', error))
    },
    on: (event: string, listener: (...values: never[]) => void) =>
      emitter.on(event, listener as (...values: unknown[]) => void),
  }
  const mine: End = { socket, emitter, peer: null, state: OPEN, closed: false }
  return mine
}
