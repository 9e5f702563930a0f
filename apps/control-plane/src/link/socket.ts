/** What the hub and the live feed need of a WebSocket; `ws` has it, and so has the testkit's socket pair. */
export interface Socket {
  /** Bytes handed over and not yet sent. */
  readonly bufferedAmount: number
  send(text: string): void
  close(code?: number, reason?: string): void
  /** Ends the connection without a closing handshake. */
  terminate(): void
  on(event: 'message', listener: (data: MessageData, isBinary: boolean) => void): unknown
  on(event: 'close', listener: (code: number) => void): unknown
  on(event: 'error', listener: (error: Error) => void): unknown
}

export type MessageData = Buffer | ArrayBuffer | Buffer[] | string

export function textOf(data: MessageData): string {
  if (typeof data === 'string') return data
  if (Array.isArray(data)) return Buffer.concat(data).toString()
  return (data instanceof ArrayBuffer ? Buffer.from(data) : data).toString()
}

/** RFC 6455 section 7.4.1, and 1013 from its registry. */
export const closeCodes = {
  goingAway: 1001,
  policy: 1008,
  tooBig: 1009,
  internal: 1011,
  tryLater: 1013,
} as const
