import type { IncomingMessage } from 'node:http'
import type { Clock } from '@crossfade/runtime/clock'

const LINGER_MS = 2_000
const LINGER_BYTES = 8 * 1024 * 1024

/**
 * The answer is out but the request's body is not in. Closing at once would reset the connection and could take
 * the answer with it (RFC 9112 section 9.6), reading on for ever would be a gift to the client: read a little, then close.
 */
export function lingerOver(request: IncomingMessage, clock: Clock): void {
  const { socket } = request
  if (socket.destroyed) return
  let left = LINGER_BYTES
  const cancel = clock.after(LINGER_MS, () => socket.destroy())
  request.on('data', (chunk: Buffer) => {
    left -= chunk.length
    if (left < 0) socket.destroy()
  })
  request.once('end', cancel)
  request.once('close', cancel)
  socket.once('close', cancel)
  request.resume()
}
