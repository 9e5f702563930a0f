import { TLSSocket } from 'node:tls'
import { Problem } from '@crossfade/contracts/problems'
import type { App } from './app.ts'

/** Refuses agents that have not shown a certificate of the configured authority, before anything else is looked at. */
export function requireClientCertificates(app: App): void {
  app.addHook('onRequest', async (request) => {
    const { permission, clientCertificate } = request.routeOptions.config
    if (permission !== 'agent' && clientCertificate !== true) return
    const { socket } = request.raw
    if (!(socket instanceof TLSSocket && socket.authorized)) throw new Problem('client_certificate_required')
  })
}
