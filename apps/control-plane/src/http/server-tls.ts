import { Server, type ServerOptions } from 'node:https'
import path from 'node:path'
import { tlsFloor, type CertificateSource } from '@crossfade/runtime/certificate'
import { createCertificateFiles, type CertificateFiles } from '@crossfade/runtime/certificate-files'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { ControlPlaneSettings } from '../settings.ts'
import type { App } from './plumbing/app.ts'

/** How the control plane serves over TLS. Its files must have been started. */
export interface ServerTls {
  readonly files: CertificateFiles
  /** Whether agents must show a certificate of the configured authority. */
  readonly wantsClientCertificates: boolean
  options(): ServerOptions
  /** From a change of the files on, new connections get the new ones; those that stand are left alone. */
  follow(server: App['server']): void
}

const CERT = 'CROSSFADE_TLS_CERT'
const CA = 'CROSSFADE_CLIENT_CA'
const handshakeMs = 10_000

export function createServerTls(
  { certFile, keyFile, clientCaFile }: NonNullable<ControlPlaneSettings['tls']>,
  clock: Clock,
  logger: Logger,
): ServerTls {
  const own: CertificateSource = { name: CERT, setting: CERT, certFile, keyFile }
  const authority = clientCaFile && { name: CA, setting: CA, certFile: clientCaFile, keyFile: null }
  const paths = [certFile, keyFile, ...(clientCaFile === null ? [] : [clientCaFile])]
  const files = createCertificateFiles({
    sources: async () => (authority ? [own, authority] : [own]),
    folders: [...new Set(paths.map((file) => path.dirname(file)))],
    clock,
    logger,
  })
  const context = () => {
    const pair = files.get(CERT)
    const ca = files.get(CA)
    return {
      ...tlsFloor,
      cert: pair?.cert,
      key: pair?.key ?? undefined,
      ...(ca !== null && { ca: ca.cert }),
    }
  }
  return {
    files,
    wantsClientCertificates: authority !== null,
    options: () => ({
      ...context(),
      ALPNProtocols: ['http/1.1'],
      handshakeTimeout: handshakeMs,
      // Browsers come in without one; the routes of agents ask whether there was one.
      requestCert: authority !== null,
      rejectUnauthorized: false,
    }),
    follow(server) {
      if (!(server instanceof Server)) return
      files.onChange(() => server.setSecureContext(context()))
    },
  }
}
