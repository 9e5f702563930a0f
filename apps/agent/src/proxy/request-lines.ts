import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'

/** Knows the bytes of request lines, of which Node's parser tells less than they say. */
export interface RequestLines {
  /** To be called when Node's server has taken the connection on. */
  watch(socket: Socket): void
  /** To be called when the connection no longer speaks HTTP. */
  leave(socket: Socket): void
  /**
   * Whether method, target and version stood in their line with exactly one blank between them (RFC 9112
   * section 3). To be called as the request is announced, once.
   */
  isExact(request: IncomingMessage): boolean
  /**
   * Whether what else came on this connection has been lost: Node's parser stops reading after a request that asks
   * for an upgrade, also when it gets none. To be called after `isExact`.
   */
  isLast(request: IncomingMessage): boolean
  /** The bytes that came last, up to their end, are the beginning of one line. */
  isInFirstLine(socket: Socket): boolean
}

interface Reader {
  /** Bytes not known to belong to a message that has been announced. */
  bytes: Buffer
  /** Where in `bytes` the next message begins; beyond their end while a body of known length comes in. */
  at: number
  /** A chunked body came last: the next message begins somewhere after it. */
  lost: boolean
  readonly see: (chunk: Buffer) => void
}

const NONE = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')
const [LF, CR, BLANK, H] = [0x0a, 0x0d, 0x20, 0x48]
/** More than any head; while lost, all that is kept. */
const KEPT = 64 * 1024

/**
 * Node skips any number of blanks in a request line without a word, where others may not. What is checked here is
 * only that; everything else the parser already refuses.
 */
export function createRequestLines(): RequestLines {
  const readers = new WeakMap<Socket, Reader>()

  return {
    watch(socket) {
      const reader: Reader = { bytes: NONE, at: 0, lost: false, see: (chunk) => see(reader, chunk) }
      readers.set(socket, reader)
      // Ahead of the parser, which has read the bytes by the time other listeners see them.
      socket.prependListener('data', reader.see)
      // Node's parser reads past its own stream until somebody asks for its data.
      const ask = () => {}
      socket.on('data', ask).off('data', ask)
    },
    leave(socket) {
      const reader = readers.get(socket)
      if (reader) socket.off('data', reader.see)
      readers.delete(socket)
    },
    isExact(request) {
      const reader = readers.get(request.socket)
      return reader !== undefined && takeHead(reader, request)
    },
    isLast({ socket, headers }) {
      if (headers.upgrade === undefined) return false
      const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
      const reader = readers.get(socket)
      return hasBody || reader === undefined || reader.at < reader.bytes.length
    },
    isInFirstLine(socket) {
      const reader = readers.get(socket)
      return reader !== undefined && !reader.lost && reader.bytes.indexOf(LF, reader.at) === -1
    },
  }
}

function see(reader: Reader, chunk: Buffer): void {
  const left = reader.bytes.length - reader.at
  if (left <= 0) {
    reader.at = -left
    reader.bytes = chunk
    return
  }
  const kept = reader.lost ? Math.min(left, KEPT) : left
  reader.bytes = Buffer.concat([reader.bytes.subarray(reader.bytes.length - kept), chunk])
  reader.at = 0
}

function takeHead(reader: Reader, request: IncomingMessage): boolean {
  const { method = '', url = '', headers } = request
  if (reader.lost) {
    const line = `\n${method} ${url} HTTP/${request.httpVersion}\r\n`
    const found = reader.bytes.indexOf(line, reader.at, 'latin1')
    if (found < 0) return false
    reader.at = found + 1
    reader.lost = false
  }
  const { bytes } = reader
  // Empty lines ahead of a request are to be ignored (RFC 9112 section 2.2).
  while (bytes[reader.at] === CR || bytes[reader.at] === LF) reader.at += 1
  const target = reader.at + method.length + 1
  const version = target + url.length + 1
  const exact = bytes[target - 1] === BLANK && bytes[target] !== BLANK
  const end = bytes.indexOf(HEAD_END, version)
  if (!exact || bytes[version - 1] !== BLANK || bytes[version] !== H || end < 0) return false

  reader.at = end + HEAD_END.length + Number(headers['content-length'] ?? 0)
  reader.lost = headers['transfer-encoding'] !== undefined
  if (reader.at >= bytes.length && !reader.lost) {
    reader.at -= bytes.length
    reader.bytes = NONE
  }
  return true
}
