import type { IncomingMessage } from 'node:http'
import type { FastifyRequest } from 'fastify'
import { linkPath } from '@crossfade/contracts/link'
import { livePath } from '@crossfade/contracts/live'
import { Problem } from '@crossfade/contracts/problems'
import { cameThroughLocalDoor } from '../local-door.ts'
import type { App } from './app.ts'

/** Asked by orchestrators and Prometheus under whatever name they have for us; they tell no secret. */
const probes: ReadonlySet<string> = new Set(['/healthz', '/readyz', '/metrics'])
const sockets: ReadonlySet<string> = new Set([linkPath, livePath])

/**
 * What was not meant for us goes no further: a request under another host's name, which is how a page reaches
 * us whose name was made to point here (DNS rebinding), and an upgrade of what is no WebSocket.
 */
export function watchFrontDoor(app: App, publicUrl: string): void {
  app.addHook('onRequest', async (request) => {
    const [pathname = '/'] = request.url.split('?', 1)
    if (request.ws && !sockets.has(pathname)) throw new Problem('not_found')
    if (!probes.has(pathname) && !isMeantForUs(request, publicUrl)) throw new Problem('unknown_host')
  })
}

/** Programs may call us by any name: what they carry no page can send, for it has no token. */
function isMeantForUs(request: FastifyRequest, publicUrl: string): boolean {
  if (request.headers.authorization !== undefined || cameThroughLocalDoor(request.raw)) return true
  return isKnownHost(request.raw, publicUrl)
}

/** Our public address, this machine, or the very address the connection came to: none can be pointed elsewhere. */
export function isKnownHost(
  {
    headers,
    socket,
  }: Pick<IncomingMessage, 'headers'> & { readonly socket: { localAddress?: string | undefined } },
  publicUrl: string,
): boolean {
  const host = /^(\[[\da-f:.]+\]|[\da-z._-]+)(?::\d{1,5})?$/i.exec(headers.host ?? '')?.[1]?.toLowerCase()
  if (host === undefined) return false
  const arrivedAt = socket.localAddress?.replace(/^::ffff:/i, '')
  return (
    host === URL.parse(publicUrl)?.hostname ||
    /^(localhost|127(\.\d{1,3}){3}|\[::1\])$/.test(host) ||
    (arrivedAt !== undefined && host.replace(/^\[|\]$/g, '') === arrivedAt)
  )
}
