import { once } from 'node:events'
import { createServer, type AddressInfo, type Socket } from 'node:net'
import { createServer as createTlsServer, type TLSSocket } from 'node:tls'
import { tlsFloor } from '@crossfade/runtime/certificate'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { ServerCertificates } from '../tls/server-certificates.ts'
import { carries } from './reset-connection.ts'

/** Where connections come in over TLS. */
export interface TlsDoor {
  listen(address: { readonly host: string; readonly port: number }): Promise<{ host: string; port: number }>
  /** Connections whose handshake is under way. */
  handshakes(): number
  /** Handshakes that came to nothing, since the start. */
  failures(): number
  /** Takes no more; ends when those taken have closed. */
  close(): Promise<void>
  /** Gives up on handshakes under way. */
  destroyHandshakes(): void
}

export interface TlsDoorParts {
  readonly certificates: ServerCertificates
  readonly clock: Clock
  readonly logger: Logger
  /** For a whole handshake, however its bytes drip in. */
  readonly handshakeMs: number
  readonly refuses: () => boolean
  /** Has shaken hands; from here on it is a connection as any other. */
  readonly onConnection: (socket: TLSSocket) => void
}

/** A certificate that changes is shown from the next handshake on; connections that stand are left alone. */
export function createTlsDoor(parts: TlsDoorParts): TlsDoor {
  const { certificates, clock, logger } = parts
  const underWay = new Map<string, { readonly raw: Socket; readonly cancel: () => void }>()
  let failures = 0

  const secure = createTlsServer({
    ...tlsFloor,
    ALPNProtocols: ['http/1.1'],
    SNICallback(host, done) {
      const context = certificates.contextFor(host)
      if (context === null) done(new Error(`No certificate for ${host}`))
      else done(null, context)
    },
  })
  const showDefault = () => {
    const { cert, key } = certificates.defaultPair()
    secure.setSecureContext({ ...tlsFloor, cert, key })
  }
  certificates.onChange(showDefault)

  const done = (socket: Socket) => {
    const key = endsOf(socket)
    const entry = underWay.get(key)
    underWay.delete(key)
    entry?.cancel()
    return entry?.raw ?? null
  }
  secure.on('secureConnection', (socket: TLSSocket) => {
    const raw = done(socket)
    if (raw === null) return void socket.destroy()
    carries(socket, raw)
    parts.onConnection(socket)
  })
  secure.on('tlsClientError', (error: NodeJS.ErrnoException, socket: TLSSocket) => {
    failures += 1
    logger.debug({ code: error.code, client: socket.remoteAddress }, 'A TLS handshake failed')
    socket.destroy()
  })

  const server = createServer({ noDelay: true }, (raw) => {
    if (parts.refuses()) return void raw.destroy()
    const key = endsOf(raw)
    // `tlsClientError` follows.
    const cancel = clock.after(parts.handshakeMs, () => raw.destroy())
    underWay.set(key, { raw, cancel })
    raw.on('error', () => {})
    raw.once('close', () => {
      if (underWay.get(key)?.raw === raw) underWay.delete(key)
      cancel()
    })
    secure.emit('connection', raw)
  })

  return {
    async listen({ host, port }) {
      showDefault()
      server.listen(port, host)
      await once(server, 'listening')
      const bound = server.address() as AddressInfo
      return { host: bound.address, port: bound.port }
    },
    handshakes: () => underWay.size,
    failures: () => failures,
    async close() {
      if (server.listening) await new Promise((resolve) => server.close(resolve))
    },
    destroyHandshakes() {
      for (const { raw } of underWay.values()) raw.destroy()
    },
  }
}

/** The same for both faces of one connection. */
function endsOf({ remoteAddress, remotePort, localPort }: Socket): string {
  return `${remoteAddress} ${remotePort} ${localPort}`
}
