import { isIP } from 'node:net'
import { checkServerIdentity, createSecureContext, type PeerCertificate, type SecureContext } from 'node:tls'
import type { ServiceTls } from '@crossfade/core/model'
import { tlsFloor } from '@crossfade/runtime/certificate'
import type { CertificateFiles } from '@crossfade/runtime/certificate-files'

/** Certificates to show to services, by the name services ask for them under. */
export type ClientCertificates = Pick<CertificateFiles, 'get' | 'onChange'>

/** Where no directory of them is set. */
export const NO_CLIENT_CERTIFICATES: ClientCertificates = { get: () => null, onChange: () => () => {} }

/** Why nothing is sent to a service whose certificate we cannot show. */
export class ClientCertificateMissing extends Error {
  override readonly name = 'ClientCertificateMissing'
}

/** Said in full on every connection, so that nothing in the process can change any of it. */
export interface TlsTerms {
  readonly rejectUnauthorized: boolean
  /** Sent as SNI; empty for addresses, which must not be (RFC 6066 section 3). */
  readonly servername: string
  readonly checkServerIdentity: (host: string, certificate: PeerCertificate) => Error | undefined
  /** Authorities, own certificate and least version. */
  readonly secureContext: SecureContext
}

/** Throws `ClientCertificateMissing`. `hostname` is that of the instance, without brackets. */
export function tlsTerms(tls: ServiceTls, hostname: string, certificates: ClientCertificates): TlsTerms {
  const serverName = tls.serverName ?? hostname
  const own = tls.clientCertificate === null ? null : certificates.get(tls.clientCertificate)
  if (tls.clientCertificate !== null && own === null) {
    throw new ClientCertificateMissing(
      `There is no client certificate ${tls.clientCertificate} on this agent`,
    )
  }
  return {
    rejectUnauthorized: tls.verify,
    servername: isIP(serverName) === 0 ? serverName : '',
    // Node would take the name from SNI, else from the address.
    checkServerIdentity: (_host, certificate) => checkServerIdentity(serverName, certificate),
    secureContext: createSecureContext({
      ...tlsFloor,
      ...(tls.ca !== null && { ca: tls.ca }),
      ...(own !== null && { cert: own.cert, key: own.key ?? '' }),
    }),
  }
}

/** Codes of Node's TLS, of OpenSSL, and of its verification (X509_V_ERR_…). */
const TLS_CODES =
  /^(EPROTO$|ERR_(TLS|SSL)_|(CERT|CRL|DEPTH_ZERO|SELF_SIGNED|UNABLE_TO|ERROR_IN_C\w+|PATH_LENGTH)_|INVALID_(CA|PURPOSE)$|HOSTNAME_MISMATCH$)/

/** What kept two sides from trusting each other, in one word; null for any other error. */
export function tlsProblemOf(error: Error): string | null {
  if (error instanceof ClientCertificateMissing) return error.message
  const { code = '' } = error as NodeJS.ErrnoException
  return TLS_CODES.test(code) ? code : null
}
