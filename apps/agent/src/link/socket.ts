/** What happens to a socket; each after `closed` is a mistake. */
export interface SocketEvents {
  readonly onOpen: () => void
  readonly onText: (text: string) => void
  /** A frame that cannot be ours (binary). */
  readonly onGarbage: (why: string) => void
  /** The end, once. `status` when an HTTP answer refused the upgrade. */
  readonly onClosed: (why: { readonly reason: string; readonly status: number | null }) => void
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
