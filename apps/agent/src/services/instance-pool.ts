import { Agent as HttpAgent } from 'node:http'
import { Agent as HttpsAgent } from 'node:https'
import { isIP } from 'node:net'
import type { Service } from '@crossfade/core/model'
import { buildConnector, Pool, type Dispatcher } from 'undici'
import type { Addresses } from './addresses.ts'

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

/** Bytes of an answer's head; beyond it the service has failed (RFC 9110 section 5.4). */
const MAX_ANSWER_HEAD = 64 * 1024

export function createInstancePool(instance: string, service: Service, addresses: Addresses): InstancePool {
  const url = new URL(instance)
  const hostname = url.hostname.replace(/^\[(.*)\]$/, '$1')
  const serverName = service.tls.serverName ?? hostname
  const sni = isIP(serverName) === 0 ? serverName : ''
  // `rejectUnauthorized` is always said, so that no variable of the process can switch it off.
  const tls = { rejectUnauthorized: service.tls.verify, servername: sni }
  const connect = buildConnector({
    ...tls,
    allowH2: false,
    timeout: service.timeouts.connectMs,
    lookup: addresses.lookup,
  })
  const open = () =>
    new Pool(url.origin, {
      connections: service.pool.connectionsPerInstance,
      pipelining: 1,
      allowH2: false,
      headersTimeout: service.timeouts.firstByteMs,
      bodyTimeout: service.timeouts.idleMs,
      maxHeaderSize: MAX_ANSWER_HEAD,
      // undici would name the client's Host in SNI; the certificate is the service's.
      connect: (options, callback) =>
        connect({ ...options, servername: sni }, (...result) => {
          const socket = result[1]
          socket?.on('error', (error: NodeJS.ErrnoException) => asBroken(error, socket.bytesRead))
          callback(...result)
        }),
    })
  let dispatcher = open()
  const leaving = new Set<Promise<void>>()
  const unfollow = addresses.follow(hostname, () => {
    // Requests under way end on the old one, idle connections now.
    const closed: Promise<void> = dispatcher
      .close()
      .catch(() => {})
      .finally(() => leaving.delete(closed))
    leaving.add(closed)
    dispatcher = open()
  })
  const agent =
    url.protocol === 'https:'
      ? new HttpsAgent({ ...tls, lookup: addresses.lookup })
      : new HttpAgent({ lookup: addresses.lookup })

  return {
    url,
    authority: url.host,
    serverName,
    timeouts: service.timeouts,
    get dispatcher() {
      return dispatcher
    },
    agent,
    async close() {
      unfollow()
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
