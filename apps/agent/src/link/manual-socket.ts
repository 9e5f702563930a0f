import type { FromAgent, ToAgent } from '@crossfade/contracts/link'
import type { Dial, SocketEvents } from './socket.ts'

/** For tests: a dial whose other end the test plays. */
export interface ManualDial {
  readonly dial: Dial
  /** All sockets ever dialed, newest last. */
  readonly sockets: readonly ManualSocket[]
  last(): ManualSocket
}

export interface ManualSocket {
  /** What the agent sent, parsed. */
  readonly sent: FromAgent[]
  /** The code the agent closed with; null while it has not. */
  readonly closedWith: () => number | null
  readonly isTerminated: () => boolean
  readonly events: SocketEvents
  say(message: ToAgent): void
  /** Accepts the connection and welcomes the agent. */
  greet(welcome?: Partial<Extract<ToAgent, { type: 'welcome' }>>): void
  drop(status?: number): void
  ofType<T extends FromAgent['type']>(type: T): Extract<FromAgent, { type: T }>[]
}

export const aWelcome: Extract<ToAgent, { type: 'welcome' }> = {
  type: 'welcome',
  agentId: 'agent-1',
  environmentId: 'default',
  now: 0,
  keys: [{ publicKey: 'AAAA', signature: null }],
}

export function manualDial(): ManualDial {
  const sockets: ManualSocket[] = []
  return {
    sockets,
    last() {
      const socket = sockets.at(-1)
      if (!socket) throw new Error('Nothing was dialed')
      return socket
    },
    dial(events) {
      const sent: FromAgent[] = []
      let code: number | null = null
      let isTerminated = false
      const close = () => events.onClosed({ reason: 'Gone', isRefused: false })
      sockets.push({
        sent,
        closedWith: () => code,
        isTerminated: () => isTerminated,
        events,
        say: (message) => events.onText(JSON.stringify(message)),
        greet(welcome = {}) {
          events.onOpen()
          events.onText(JSON.stringify({ ...aWelcome, ...welcome }))
        },
        drop: (status) => events.onClosed({ reason: 'Dropped', isRefused: status !== undefined }),
        ofType: <T extends FromAgent['type']>(type: T) =>
          sent.filter((message): message is Extract<FromAgent, { type: T }> => message.type === type),
      })
      return {
        bufferedAmount: () => 0,
        send: (text) => sent.push(JSON.parse(text) as FromAgent),
        close: (given) => (code = given),
        terminate() {
          isTerminated = true
          close()
        },
      }
    },
  }
}
