import { createHash, createPrivateKey, X509Certificate } from 'node:crypto'
import { readdir, readFile } from 'node:fs/promises'
import path from 'node:path'
import { createSecureContext } from 'node:tls'

/** Files a certificate is read from. */
export interface CertificateSource {
  /** Under which it is asked for. */
  readonly name: string
  /** The setting to name when something is wrong. */
  readonly setting: string
  readonly certFile: string
  /** Null for authorities, whose key is not ours. */
  readonly keyFile: string | null
}

/** A certificate with its chain, and its key where there is one, as PEM text that TLS can use. */
export interface Certificate {
  readonly cert: string
  readonly key: string | null
  /** SHA-256 over both; tells one from another. */
  readonly digest: string
  /** Of the first in the file; ms since the epoch. */
  readonly validFrom: number
  readonly validTo: number
}

/** Why files cannot be used. The message names the setting and the file, never what is in it. */
export class CertificateError extends Error {
  override readonly name = 'CertificateError'
}

/** Said on every end of every connection, so that no variable or option of the process lowers it. */
export const tlsFloor = { minVersion: 'TLSv1.2' } as const

/** Reads and checks; `known` is given back when the files still hold the same. Rejects with `CertificateError`. */
export async function readCertificate(
  source: CertificateSource,
  known: Certificate | null = null,
): Promise<Certificate> {
  const { setting, certFile, keyFile } = source
  const cert = await read(setting, certFile)
  const key = keyFile === null ? null : await read(setting, keyFile)
  const digest = createHash('sha256')
    .update(`${cert}\0${key ?? ''}`)
    .digest('hex')
  if (known?.digest === digest) return known
  const { validFrom, validTo } = judge(source, cert, key)
  return { cert, key, digest, validFrom: Date.parse(validFrom), validTo: Date.parse(validTo) }
}

/** Every `NAME.crt` with its `NAME.key` in a folder, under the name in lower case. */
export async function pairsIn(folder: string, setting: string): Promise<readonly CertificateSource[]> {
  const files = await readdir(folder).catch(() => {
    throw new CertificateError(`${setting}: ${folder} cannot be read`)
  })
  const names = files.filter((file) => /^[^.].*\.(crt|key)$/.test(file)).map((file) => file.slice(0, -4))
  return [...new Set(names)].toSorted().map((name) => ({
    name: name.toLowerCase(),
    setting,
    certFile: path.join(folder, `${name}.crt`),
    keyFile: path.join(folder, `${name}.key`),
  }))
}

async function read(setting: string, file: string): Promise<string> {
  try {
    return await readFile(file, 'utf8')
  } catch (cause) {
    const why = cause instanceof Error && 'code' in cause && cause.code === 'ENOENT' ? 'is not there' : null
    throw new CertificateError(`${setting}: ${file} ${why ?? 'cannot be read'}`, { cause })
  }
}

const certificates = /-----BEGIN CERTIFICATE-----[^-]+-----END CERTIFICATE-----/g

/** The first certificate of the file, once all of it has been found to be usable. */
function judge({ setting, certFile, keyFile }: CertificateSource, cert: string, key: string | null) {
  const refuse = (why: string): never => {
    throw new CertificateError(`${setting}: ${why}`)
  }
  const chain = (cert.match(certificates) ?? []).map(
    (pem) => attempt(() => new X509Certificate(pem)) ?? refuse(`${certFile} holds a broken certificate`),
  )
  const first = chain[0] ?? refuse(`${certFile} holds no PEM certificate`)
  if (key !== null) {
    const own =
      attempt(() => createPrivateKey(key)) ?? refuse(`${keyFile} is not a PEM private key without passphrase`)
    if (!first.checkPrivateKey(own)) refuse(`the key in ${keyFile} is not that of ${certFile}`)
    if (attempt(() => createSecureContext({ cert, key })) === null)
      refuse(`${certFile} cannot be used for TLS`)
  }
  return first
}

function attempt<T>(job: () => T): T | null {
  try {
    return job()
  } catch {
    return null
  }
}
