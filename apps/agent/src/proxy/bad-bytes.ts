import type { Socket } from 'node:net'
import type { ProblemCode } from '@crossfade/contracts/problems'
import type { Clock } from '@crossfade/runtime/clock'
import { problemBytes } from './answer-problem.ts'
import type { Connections } from './connections.ts'
import type { RequestLines } from './request-lines.ts'

/** What Node tells about bytes it could not read as a request. */
interface BadBytes extends NodeJS.ErrnoException {
  readonly rawPacket?: Buffer
  /** Where in the packet reading stopped. */
  readonly bytesParsed?: number
}

const CODES: Readonly<Record<string, ProblemCode>> = {
  HPE_HEADER_OVERFLOW: 'header_too_large',
  HPE_CHUNK_EXTENSIONS_OVERFLOW: 'body_too_large',
  ERR_HTTP_REQUEST_TIMEOUT: 'request_timeout',
}
/** The other side may still be sending; it gets this long to read why we close. */
const LINGER_MS = 1_000

/**
 * Answers bytes that are no request, once per connection, never in the middle of another answer: what came
 * before is answered first, and a request whose own body broke is given up on both sides.
 */
export function badBytesHandler(
  connections: Connections,
  lines: RequestLines,
  clock: Clock,
): (error: Error, socket: Socket) => void {
  const refused = new WeakSet<Socket>()

  const say = (socket: Socket, code: ProblemCode) => {
    if (!socket.writable || socket.destroyed) return void socket.destroy()
    socket.end(problemBytes({ code }), 'latin1')
    const cancel = clock.after(LINGER_MS, () => socket.destroy())
    socket.once('close', cancel)
  }

  return (error, socket) => {
    if (refused.has(socket)) return
    refused.add(socket)
    const known = codeOf(error)
    const code = known === 'header_too_large' && lines.isInFirstLine(socket) ? 'target_too_long' : known
    connections.giveUp(socket)
    const { exchange, idle } = connections.current(socket)
    if (code === null) return void socket.destroy()
    if (exchange === null) return say(socket, code)
    if (exchange.request.complete) return void idle.then(() => say(socket, code))
    if (exchange.response?.headersSent === false) say(socket, code)
    // Ends the exchange: its service must never see this request as whole.
    exchange.request.destroy()
    return undefined
  }
}

/** Null when there is nobody to tell. */
function codeOf(error: BadBytes): ProblemCode | null {
  const code = error.code ?? ''
  if (code === 'EPROTO' || code.startsWith('ERR_SSL_')) return null
  if (code === 'ECONNRESET' || code === 'EPIPE' || code === 'HPE_INVALID_EOF_STATE') return null
  if (code === 'HPE_INVALID_METHOD' && isRequestLine(error)) return 'unsupported_method'
  return CODES[code] ?? 'bad_request'
}

/** A method Node's parser does not know, in a request line that is otherwise fine. */
function isRequestLine({ rawPacket, bytesParsed = 0 }: BadBytes): boolean {
  if (rawPacket === undefined) return false
  const begin = rawPacket.lastIndexOf('\n', bytesParsed) + 1
  return REQUEST_LINE.test(rawPacket.toString('latin1', begin, begin + 8192))
}

const REQUEST_LINE = /^[!#$%&'*+.^_`|~0-9A-Za-z-]+ \S+ HTTP\/1\.[01]\r\n/
