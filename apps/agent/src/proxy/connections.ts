import type { IncomingMessage, ServerResponse } from 'node:http'
import type { Socket } from 'node:net'
import type { Clock } from '@crossfade/runtime/clock'

/** What is known about each open client connection, and what is happening on it. */
export interface Connections {
  /** Watches a new connection; one that stays silent for `firstByteMs` is closed. */
  add(socket: Socket): void
  /** Runs one exchange of this connection; pipelined ones wait for those before them. */
  run(request: IncomingMessage, response: ServerResponse | null, exchange: () => Promise<void>): void
  /** The exchange under way on this connection, and a promise for when all begun ones have ended. */
  current(socket: Socket): { readonly exchange: Exchanging | null; readonly idle: Promise<void> }
  /** Nothing more can be read on this connection: requests that are not whole by now never will be. */
  giveUp(socket: Socket): void
  inFlight(): number
  size(): number
  /** Closes those that have nothing under way. */
  closeIdle(): void
  destroyAll(): void
}

interface Exchanging {
  readonly request: IncomingMessage
  readonly response: ServerResponse | null
}

interface State {
  exchange: Exchanging | null
  waiting: number
  /** The last answer said that the connection ends: what else came on it is not looked at (RFC 9112 section 9.6). */
  ended: boolean
  givenUp: boolean
  tail: Promise<void>
  cancelFirstByte: () => void
}

export function createConnections(parts: {
  readonly clock: Clock
  readonly firstByteMs: number
  readonly onError: (error: unknown) => void
}): Connections {
  const { clock, firstByteMs, onError } = parts
  const states = new Map<Socket, State>()
  let inFlight = 0

  const add = (socket: Socket): State => {
    const cancelFirstByte = clock.after(firstByteMs, () => {
      if (socket.bytesRead === 0) socket.destroy()
    })
    const state: State = {
      exchange: null,
      waiting: 0,
      ended: false,
      givenUp: false,
      tail: Promise.resolve(),
      cancelFirstByte,
    }
    states.set(socket, state)
    // Node takes its own listener off for an upgrade, which may stand behind answers that are still being sent.
    socket.on('error', () => {})
    socket.once('close', () => {
      state.cancelFirstByte()
      states.delete(socket)
    })
    return state
  }

  const perform = async (state: State, exchanging: Exchanging, exchange: () => Promise<void>) => {
    const hopeless = state.givenUp && !exchanging.request.complete
    if (!state.ended && !hopeless) {
      state.exchange = exchanging
      await exchange().catch((error: unknown) => {
        onError(error)
        exchanging.request.socket.destroy()
      })
      state.exchange = null
      state.ended = exchanging.response?.shouldKeepAlive === false
    }
    state.waiting -= 1
    inFlight -= 1
  }

  return {
    add(socket) {
      add(socket)
    },
    run(request, response, exchange) {
      const state = states.get(request.socket) ?? add(request.socket)
      state.cancelFirstByte()
      inFlight += 1
      state.waiting += 1
      const begin = () => perform(state, { request, response }, exchange)
      state.tail = state.waiting === 1 ? begin() : state.tail.then(begin)
    },
    current(socket) {
      const state = states.get(socket)
      return { exchange: state?.exchange ?? null, idle: state?.tail ?? Promise.resolve() }
    },
    giveUp(socket) {
      const state = states.get(socket)
      if (state) state.givenUp = true
    },
    inFlight: () => inFlight,
    size: () => states.size,
    closeIdle() {
      for (const [socket, state] of states) {
        // A request may be half in; Node closes that one when its head has not arrived in time.
        if (state.waiting === 0 && socket.bytesRead === 0) socket.destroy()
      }
    },
    destroyAll() {
      for (const socket of states.keys()) socket.destroy()
    },
  }
}
