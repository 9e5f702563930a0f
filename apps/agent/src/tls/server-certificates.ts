import path from 'node:path'
import { createSecureContext, type SecureContext } from 'node:tls'
import { pairsIn, tlsFloor, type Certificate, type CertificateSource } from '@crossfade/runtime/certificate'
import { createCertificateFiles, type CertificateFiles } from '@crossfade/runtime/certificate-files'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { PairFiles } from './tls-settings.ts'

/** The certificates clients are shown, by the host they ask for. */
export interface ServerCertificates {
  readonly files: CertificateFiles
  /** For a client that names this host (SNI, RFC 6066 section 3); null when there is none to show. */
  contextFor(host: string): SecureContext | null
  /** What a client is shown that names no host; empty when there is none. */
  defaultPair(): { readonly cert?: string; readonly key?: string | undefined }
  onChange(listener: () => void): void
}

/** Also how its warnings name it. No host is called so: those are in lower case. */
const DEFAULT = 'CROSSFADE_TLS_CERT'

export function createServerCertificates(parts: {
  readonly pair: PairFiles | null
  readonly folder: string | null
  readonly clock: Clock
  readonly logger: Logger
}): ServerCertificates {
  const { pair, folder, clock, logger } = parts
  const contexts = new WeakMap<Certificate, SecureContext>()
  const files = createCertificateFiles({
    async sources() {
      const own: CertificateSource[] = pair === null ? [] : [{ name: DEFAULT, setting: DEFAULT, ...pair }]
      return folder === null ? own : [...own, ...(await pairsIn(folder, 'CROSSFADE_TLS_DIR'))]
    },
    folders: [
      ...(pair === null ? [] : [path.dirname(pair.certFile), path.dirname(pair.keyFile)]),
      ...(folder === null ? [] : [folder]),
    ],
    clock,
    logger,
  })
  return {
    files,
    contextFor(host) {
      const certificate = choose(host, (name) => files.get(name))
      if (certificate === null) return null
      const known = contexts.get(certificate)
      if (known) return known
      const context = createSecureContext({
        ...tlsFloor,
        cert: certificate.cert,
        key: certificate.key ?? undefined,
      })
      contexts.set(certificate, context)
      return context
    },
    defaultPair() {
      const certificate = files.get(DEFAULT)
      return certificate === null ? {} : { cert: certificate.cert, key: certificate.key ?? undefined }
    },
    onChange: (listener) => void files.onChange(listener),
  }
}

/** The exact host, then any name below its parent (one label, as in RFC 9525 section 6.3), then the default. */
function choose<T>(host: string, find: (name: string) => T | null): T | null {
  const name = host.toLowerCase().replace(/\.$/, '')
  const dot = name.indexOf('.')
  return find(name) ?? (dot < 0 ? null : find(`_${name.slice(dot)}`)) ?? find(DEFAULT)
}
