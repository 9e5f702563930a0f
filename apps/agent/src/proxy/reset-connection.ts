import type { Socket } from 'node:net'

const carriers = new WeakMap<Socket, Socket>()

/** `raw` is the TCP connection under `secure`. */
export function carries(secure: Socket, raw: Socket): void {
  carriers.set(secure, raw)
}

/** Ends a connection so that the other side can tell it was cut (a TCP reset), also under TLS. */
export function resetConnection(socket: Socket): void {
  const raw = carriers.get(socket) ?? socket
  if (!raw.destroyed) raw.resetAndDestroy()
  socket.destroy()
}
