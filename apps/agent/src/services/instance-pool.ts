import { Agent as HttpAgent } from 'node:http'
import type { Service } from '@crossfade/core/model'
import { doorOfUrl } from '@crossfade/runtime/settings'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import type { Addresses } from './addresses.ts'
import { SecureAgent } from './secure-agent.ts'
import { tlsProblemOf, tlsTerms, type ClientCertificates, type TlsTerms } from './tls-terms.ts'

/** The ways to reach one instance of a service: pooled connections, and single ones for the odd request. */
export interface InstancePool {
  readonly url: URL
  /** What `Host` says when the service is to see its own name. */
  readonly authority: string
  /** Name the certificate must carry, sent as SNI unless it is an address. */
  readonly serverName: string
  readonly timeouts: Service['timeouts']
  /** One request per connection at a time; never retries. Another one when an address of its name has gone. */
  readonly dispatcher: Dispatcher
  /** A fresh connection per request: upgrades, `Expect`, health checks. */
  readonly agent: HttpAgent
  /** Ends idle connections at once and busy ones after their request. */
  close(): Promise<void>
}

export interface InstancePoolParts {
  readonly addresses: Addresses
  readonly certificates: ClientCertificates
  /** Hears of each connection: why the two sides did not trust each other, or null when they did. */
  readonly onTrust: (problem: string | null) => void
}

/** Bytes of an answer's head; beyond it the service has failed (RFC 9110 section 5.4). */
const MAX_ANSWER_HEAD = 64 * 1024

export function createInstancePool(
  instance: string,
  service: Service,
  { addresses, certificates, onTrust }: InstancePoolParts,
): InstancePool {
  const url = new URL(instance)
  const { host: hostname, port } = doorOfUrl(instance)
  const isSecure = url.protocol === 'https:'
  const lookup = addresses.lookupFor(port)
  const terms = () => tlsTerms(service.tls, hostname, certificates)
  const open = () =>
    new Pool(url.origin, {
      connections: service.pool.connectionsPerInstance,
      pipelining: 1,
      allowH2: false,
      headersTimeout: service.timeouts.firstByteMs,
      bodyTimeout: service.timeouts.idleMs,
      maxHeaderSize: MAX_ANSWER_HEAD,
      connect: connector(),
    })
  const connector = (): buildConnector.connector => {
    const basics = { allowH2: false, timeout: service.timeouts.connectMs, lookup }
    const made = isSecure ? attempt(terms) : { servername: '' }
    if (made instanceof Error) {
      return (_options, callback) => {
        onTrust(tlsProblemOf(made))
        callback(made, null)
      }
    }
    const connect = buildConnector({ ...basics, ...made })
    // undici would name the client's Host in SNI; the certificate is the service's.
    return (options, callback) =>
      connect({ ...options, servername: made.servername }, (...result) => {
        const [error, socket] = result
        const note = (failed: Error) => {
          const problem = isSecure ? tlsProblemOf(failed) : null
          if (problem !== null) onTrust(problem)
        }
        if (error !== null) note(error)
        else if (isSecure) onTrust(null)
        socket?.on('error', (failed: NodeJS.ErrnoException) => {
          note(failed)
          asBroken(failed, socket.bytesRead)
        })
        callback(...result)
      })
  }
  const single = () =>
    isSecure ? new SecureAgent({ lookup }, attempt(terms), onTrust) : new HttpAgent({ lookup })

  let dispatcher = open()
  let agent = single()
  const leaving = new Set<Promise<void>>()
  const renew = () => {
    // Requests under way end on the old one, idle connections now.
    const closed: Promise<void> = dispatcher
      .close()
      .catch(() => {})
      .finally(() => leaving.delete(closed))
    leaving.add(closed)
    dispatcher = open()
    agent = single()
  }
  const unfollow = addresses.follow(hostname, renew)
  const { clientCertificate } = service.tls
  const unlisten = certificates.onChange((names) => {
    if (isSecure && clientCertificate !== null && names.has(clientCertificate)) renew()
  })

  return {
    url,
    authority: url.host,
    serverName: service.tls.serverName ?? hostname,
    timeouts: service.timeouts,
    get dispatcher() {
      return dispatcher
    },
    get agent() {
      return agent
    },
    async close() {
      unfollow()
      unlisten()
      agent.destroy()
      await Promise.all([dispatcher.close(), ...leaving])
    },
  }
}

/** A lost connection, and how much it had brought before. */
export interface LostConnection extends Error {
  bytesRead?: number
}

/**
 * undici takes a reset for the end of an answer that has no length (a workaround of its own for macOS), and for
 * the failure of requests not yet sent. By any other name it is what it is: a cut.
 */
function asBroken(error: NodeJS.ErrnoException & LostConnection, bytesRead: number): void {
  error.bytesRead = bytesRead
  if (error.code === 'ECONNRESET') error.code = 'UND_ERR_SOCKET'
}

function attempt(terms: () => TlsTerms): TlsTerms | Error {
  try {
    return terms()
  } catch (error) {
    return error as Error
  }
}

/** Two instances with the same key can share connections; a change of configuration keeps them. */
export function poolKey(instance: string, service: Service): string {
  return JSON.stringify([
    service.id,
    instance,
    service.timeouts,
    service.pool.connectionsPerInstance,
    service.tls,
  ])
}
