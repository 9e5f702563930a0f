import type { Refusal } from '../identity/refusal.ts'

/** What happens to a socket; each after `closed` is a mistake. */
export interface SocketEvents {
  readonly onOpen: () => void
  readonly onText: (text: string) => void
  /** A frame that cannot be ours (binary). */
  readonly onGarbage: (why: string) => void
  /** The end, once. */
  readonly onClosed: (why: SocketClosed) => void
}

export interface SocketClosed {
  readonly reason: string
  /** Asking again soon will not help. */
  readonly isRefused: boolean
  /** When an HTTP answer refused the upgrade. */
  readonly refusal?: Refusal
  /** Of the close frame. */
  readonly code?: number
}

export interface LinkSocket {
  /** Bytes handed over and not yet sent. */
  bufferedAmount(): number
  send(text: string): void
  /** Codes of RFC 6455 section 7.4.1. */
  close(code: number, reason: string): void
  /** Ends the connection without a closing handshake. */
  terminate(): void
}

export type Dial = (events: SocketEvents) => LinkSocket

export const closeCodes = { normal: 1000, goingAway: 1001, policy: 1008 } as const
