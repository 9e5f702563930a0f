/**
 * As much of the PostgreSQL wire protocol (version 3, "Frontend/Backend Protocol") as it takes to give one
 * backend to many connections: where a batch of messages ends, and whether a transaction is open after it.
 */

/** What a connection wants next: to be greeted, or its batch run, or to leave. */
export type Frame =
  | { readonly kind: 'startup' }
  | { readonly kind: 'batch'; readonly bytes: Uint8Array }
  | { readonly kind: 'terminate' }

const STARTUP_LENGTH_BYTES = 4
const HEADER_BYTES = 5
const SYNC = 0x53
const QUERY = 0x51
const TERMINATE = 0x58
const READY_FOR_QUERY = 0x5a

/**
 * Collects the bytes of one connection. A batch ends with Sync or a simple Query: only there does the backend
 * answer ReadyForQuery, so only there may another connection have its turn. Cutting anywhere else would let
 * two connections overwrite each other's unnamed statement.
 */
export function createFramer(): (chunk: Uint8Array) => Frame[] {
  let greeted = false
  let pending: Buffer = Buffer.alloc(0)
  let batchEnd = 0

  return (chunk) => {
    pending = pending.length === 0 ? Buffer.from(chunk) : Buffer.concat([pending, chunk])
    const frames: Frame[] = []
    for (;;) {
      if (!greeted) {
        if (pending.length < STARTUP_LENGTH_BYTES) return frames
        const length = pending.readInt32BE(0)
        if (pending.length < length) return frames
        pending = pending.subarray(length)
        greeted = true
        frames.push({ kind: 'startup' })
        continue
      }
      if (pending.length < batchEnd + HEADER_BYTES) return frames
      const type = pending[batchEnd]
      const end = batchEnd + 1 + pending.readInt32BE(batchEnd + 1)
      if (pending.length < end) return frames
      batchEnd = end
      if (type !== SYNC && type !== QUERY && type !== TERMINATE) continue
      frames.push(
        type === TERMINATE ? { kind: 'terminate' } : { kind: 'batch', bytes: pending.subarray(0, end) },
      )
      pending = pending.subarray(end)
      batchEnd = 0
    }
  }
}

/** Whether the answer to a batch leaves a transaction open (its ReadyForQuery says `T` or `E`). */
export function leavesTransactionOpen(answer: Uint8Array): boolean {
  const ready = answer.length - 6
  return ready >= 0 && answer[ready] === READY_FOR_QUERY && answer[answer.length - 1] !== 'I'.charCodeAt(0)
}

/** The greeting after a startup message: authenticated, the parameters `pg` looks at, ready. */
export function greeting(serverVersion: string): Uint8Array {
  const parameters = {
    server_version: serverVersion,
    client_encoding: 'UTF8',
    standard_conforming_strings: 'on',
    integer_datetimes: 'on',
    DateStyle: 'ISO, MDY',
    TimeZone: 'UTC',
  }
  return Buffer.concat([
    message('R', Buffer.from([0, 0, 0, 0])),
    ...Object.entries(parameters).map(([name, value]) => message('S', Buffer.from(`${name}\0${value}\0`))),
    message('K', Buffer.alloc(8)),
    message('Z', Buffer.from('I')),
  ])
}

/** An ErrorResponse that ends the connection, for when the backend itself broke. */
export function fatal(text: string): Uint8Array {
  return message('E', Buffer.from(`SFATAL\0VFATAL\0C57P01\0M${text}\0\0`))
}

function message(type: string, body: Buffer): Buffer {
  const head = Buffer.alloc(HEADER_BYTES)
  head.write(type, 0, 'latin1')
  head.writeInt32BE(body.length + 4, 1)
  return Buffer.concat([head, body])
}
