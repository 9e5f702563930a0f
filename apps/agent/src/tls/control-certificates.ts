import path from 'node:path'
import { tlsFloor, type CertificateSource } from '@crossfade/runtime/certificate'
import { createCertificateFiles, type CertificateFiles } from '@crossfade/runtime/certificate-files'
import type { Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { TlsSettings } from './tls-settings.ts'

/** On what terms the control plane is connected to. */
export interface ControlTerms {
  readonly minVersion: 'TLSv1.2'
  readonly rejectUnauthorized: true
  readonly ca?: string
  readonly cert?: string
  readonly key?: string
}

/** The authority of the control plane and the certificate it is shown; a change holds from the next connection on. */
export interface ControlCertificates {
  readonly files: CertificateFiles
  terms(): ControlTerms
}

const CA = 'CROSSFADE_CONTROL_CA'
const CERT = 'CROSSFADE_CONTROL_CERT'

export function createControlCertificates(
  { caFile, pair }: TlsSettings['control'],
  clock: Clock,
  logger: Logger,
): ControlCertificates {
  const sources: CertificateSource[] = [
    ...(caFile === null ? [] : [{ name: CA, setting: CA, certFile: caFile, keyFile: null }]),
    ...(pair === null ? [] : [{ name: CERT, setting: CERT, ...pair }]),
  ]
  const paths = sources.flatMap(({ certFile, keyFile }) =>
    keyFile === null ? [certFile] : [certFile, keyFile],
  )
  const files = createCertificateFiles({
    sources: async () => sources,
    folders: [...new Set(paths.map((file) => path.dirname(file)))],
    clock,
    logger,
  })
  return {
    files,
    terms() {
      const ca = files.get(CA)
      const own = files.get(CERT)
      return {
        ...tlsFloor,
        rejectUnauthorized: true,
        ...(ca !== null && { ca: ca.cert }),
        ...(own !== null && { cert: own.cert, key: own.key ?? '' }),
      }
    },
  }
}
