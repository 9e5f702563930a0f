import type { IncomingMessage } from 'node:http'
import type { Socket } from 'node:net'
import { ChunkWalker } from './chunk-walker.ts'

/** Knows the bytes of request lines, of which Node's parser tells less than they say. */
export interface RequestLines {
  /** To be called when Node's server has taken the connection on. */
  watch(socket: Socket): void
  /** To be called when the connection no longer speaks HTTP. */
  leave(socket: Socket): void
  /** What the parser did not tell about a request. To be called as the request is announced, once. */
  faultOf(request: IncomingMessage): RequestFault | null
  /**
   * Whether what else came on this connection has been lost: Node's parser stops reading after a request that asks
   * for an upgrade, also when it gets none. To be called after `faultOf`.
   */
  isLast(request: IncomingMessage): boolean
  /** The bytes that came last, up to their end, are the beginning of one line. */
  isInFirstLine(socket: Socket): boolean
}

/**
 * `blanks`: method, target and version did not stand in their line with exactly one blank between them (RFC 9112
 * section 3). `extensions`: its chunks carry more beside the body than anybody needs.
 */
export type RequestFault = 'blanks' | 'extensions'

interface Reader {
  /** Bytes not known to belong to a message that has been announced. */
  bytes: Buffer
  /** What came last, when `bytes` is a copy of it with something ahead; a parser reads this one. */
  latest: Buffer | null
  /** Where in `bytes` the next message begins; beyond their end while a body of known length comes in. */
  at: number
  /** The chunked body that is coming in. */
  body: ChunkWalker | null
  overflowed: boolean
  readonly see: (chunk: Buffer) => void
}

const NONE = Buffer.alloc(0)
const HEAD_END = Buffer.from('\r\n\r\n')
const [LF, CR, BLANK, H] = [0x0a, 0x0d, 0x20, 0x48]
/** Of one message (RFC 9112 section 7.1.1); Node counts each chunk by itself. */
const MAX_EXTENSION_BYTES = 16 * 1024

/**
 * Node skips any number of blanks in a request line without a word, where others may not, and takes trailers for
 * framing, which they must not be. That is all that is looked after here; everything else the parser already refuses.
 * `onOverflow`: chunk extensions without end.
 */
export function createRequestLines(onOverflow: (socket: Socket) => void): RequestLines {
  const readers = new WeakMap<Socket, Reader>()

  return {
    watch(socket) {
      const see = (chunk: Buffer) => {
        take(reader, chunk)
        if (reader.overflowed) onOverflow(socket)
      }
      const reader: Reader = { bytes: NONE, latest: null, at: 0, body: null, overflowed: false, see }
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
    faultOf(request) {
      const reader = readers.get(request.socket)
      if (reader === undefined || !takeHead(reader, request)) return 'blanks'
      return reader.overflowed ? 'extensions' : null
    },
    isLast({ socket, headers }) {
      if (headers.upgrade === undefined) return false
      const hasBody = headers['transfer-encoding'] !== undefined || headers['content-length'] !== undefined
      const reader = readers.get(socket)
      return hasBody || reader === undefined || reader.at < reader.bytes.length
    },
    isInFirstLine(socket) {
      const reader = readers.get(socket)
      return reader !== undefined && reader.body === null && reader.bytes.indexOf(LF, reader.at) === -1
    },
  }
}

function take(reader: Reader, chunk: Buffer): void {
  const left = reader.bytes.length - reader.at
  reader.bytes = left > 0 ? Buffer.concat([reader.bytes.subarray(reader.at), chunk]) : chunk
  reader.latest = left > 0 ? chunk : null
  reader.at = left > 0 ? 0 : -left
  walkBody(reader)
}

function walkBody(reader: Reader): void {
  if (reader.body === null) return
  const end = reader.body.walk(reader.bytes, reader.at)
  reader.at = end < 0 ? reader.bytes.length : end
  reader.overflowed = reader.body.extensionBytes > MAX_EXTENSION_BYTES
  if (end >= 0) reader.body = null
}

/** A head is announced with its last byte, so that all that follows it lies in what came last. */
function leaveCopy(reader: Reader, latest: Buffer): void {
  reader.at -= reader.bytes.length - latest.length
  reader.bytes = latest
  reader.latest = null
}

function takeHead(reader: Reader, request: IncomingMessage): boolean {
  const { method = '', url = '', headers } = request
  const { bytes } = reader
  // Empty lines ahead of a request are to be ignored (RFC 9112 section 2.2).
  while (bytes[reader.at] === CR || bytes[reader.at] === LF) reader.at += 1
  const target = reader.at + method.length + 1
  const version = target + url.length + 1
  const exact = bytes[target - 1] === BLANK && bytes[target] !== BLANK
  const end = bytes.indexOf(HEAD_END, version)
  if (!exact || bytes[version - 1] !== BLANK || bytes[version] !== H || end < 0) return false

  reader.at = end + HEAD_END.length
  if (reader.latest !== null) leaveCopy(reader, reader.latest)
  if (headers['transfer-encoding'] !== undefined) {
    reader.body = new ChunkWalker()
    walkBody(reader)
  } else reader.at += Number(headers['content-length'] ?? 0)
  if (reader.at >= bytes.length) {
    reader.at -= bytes.length
    reader.bytes = NONE
  }
  return true
}
