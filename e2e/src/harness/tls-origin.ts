import { once } from 'node:events'
import { createServer } from 'node:https'
import type { AddressInfo } from 'node:net'
import type { TlsOptions, TLSSocket } from 'node:tls'

/** A service behind TLS that remembers who came, and every byte it was told. */
export interface TlsOrigin {
  readonly url: string
  readonly port: number
  /** Of connections that shook hands. */
  readonly met: readonly { readonly sni: string | null; readonly certificate: string | null }[]
  /** How handshakes ended that came to nothing. */
  readonly failed: readonly string[]
  /** Bytes of HTTP, on all connections. */
  httpBytes(): number
  requests(): number
  /** Forgets what it has counted. */
  forget(): void
  close(): Promise<void>
}

export async function tlsOrigin(options: TlsOptions): Promise<TlsOrigin> {
  let requests = 0
  let bytes = 0
  const met: { sni: string | null; certificate: string | null }[] = []
  const server = createServer(options, (_request, response) => {
    requests += 1
    response.end('secret')
  })
  const failed: string[] = []
  server.on('tlsClientError', (error: NodeJS.ErrnoException) => failed.push(error.code ?? error.message))
  server.on('secureConnection', (socket: TLSSocket) => {
    const { servername } = socket as TLSSocket & { servername?: string | false }
    const certificate = socket.getPeerX509Certificate()?.fingerprint256 ?? null
    met.push({ sni: typeof servername === 'string' ? servername : null, certificate })
    socket.on('data', (chunk: Buffer) => (bytes += chunk.length))
  })
  server.listen(0, '127.0.0.1')
  await once(server, 'listening')
  const { port } = server.address() as AddressInfo
  return {
    url: `https://127.0.0.1:${port}`,
    port,
    met,
    failed,
    httpBytes: () => bytes,
    requests: () => requests,
    forget() {
      requests = 0
      bytes = 0
      met.length = 0
      failed.length = 0
    },
    async close() {
      server.closeAllConnections()
      await new Promise((resolve) => server.close(resolve))
    },
  }
}
