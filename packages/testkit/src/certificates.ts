import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'

/** PEM text of a certificate, with those it needs between it and its authority, and of its key. */
export interface Pair {
  readonly cert: string
  readonly key: string
}

/** Somebody who signs certificates, made with openssl. */
export interface Authority {
  /** Its own certificate. */
  readonly cert: string
  /** For names and addresses (`DNS:books.test`, `IP:127.0.0.1`), for both ends of a connection. */
  issue(options?: {
    readonly names?: readonly string[]
    /** Of validity, from now on; negative has run out. */
    readonly days?: number
  }): Pair
  /** Another authority that rests on this one; what it issues brings its certificate along. */
  intermediate(name: string): Authority
}

export const localNames = ['DNS:localhost', 'IP:127.0.0.1'] as const

/** A pair that vouches for itself. */
export function selfSigned(names: readonly string[] = localNames): Pair {
  return ofItself('/CN=crossfade.test', '-addext', `subjectAltName=${names.join(',')}`)
}

/** Where a pair lies. */
export interface PairFiles {
  readonly certFile: string
  readonly keyFile: string
}

/** As `<name>.crt` and `<name>.key`, the key for one user only. */
export function writePair(folder: string, name: string, { cert, key }: Pair): PairFiles {
  const [certFile, keyFile] = [path.join(folder, `${name}.crt`), path.join(folder, `${name}.key`)]
  writeFileSync(certFile, cert)
  writeFileSync(keyFile, key, { mode: 0o600 })
  return { certFile, keyFile }
}

export function anAuthority(name = 'Test authority'): Authority {
  return authorityOf(ofItself(`/CN=${name}`), '')
}

function ofItself(subject: string, ...more: string[]): Pair {
  return withFolder((file, openssl) => {
    const files = ['-keyout', 'key', '-out', 'cert']
    openssl('req', '-x509', ...newKey, '-days', '2', '-subj', subject, ...more, ...files)
    return { cert: file('cert'), key: file('key') }
  })
}

const newKey = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes']

function authorityOf(own: Pair, chain: string): Authority {
  const sign = (subject: string, extensions: readonly string[], days: number): Pair =>
    withFolder((file, openssl, put) => {
      put('ca', own.cert)
      put('ca.key', own.key)
      put('extensions', extensions.join('\n'))
      openssl('req', ...newKey, '-subj', subject, '-keyout', 'key', '-out', 'request')
      const signer = ['-CA', 'ca', '-CAkey', 'ca.key', '-CAcreateserial', '-days', String(days)]
      openssl('x509', '-req', '-in', 'request', ...signer, '-extfile', 'extensions', '-out', 'cert')
      return { cert: file('cert'), key: file('key') }
    })
  return {
    cert: own.cert,
    issue({ names = localNames, days = 2 } = {}) {
      const { cert, key } = sign('/CN=test', [`subjectAltName=${names.join(',')}`], days)
      return { cert: cert + chain, key }
    },
    intermediate(name) {
      const pair = sign(`/CN=${name}`, ['basicConstraints=critical,CA:TRUE', 'keyUsage=keyCertSign'], 2)
      return authorityOf(pair, pair.cert + chain)
    },
  }
}

function withFolder<T>(
  job: (
    file: (name: string) => string,
    openssl: (...args: string[]) => void,
    put: (name: string, text: string) => void,
  ) => T,
): T {
  const folder = mkdtempSync(path.join(tmpdir(), 'cf-pem-'))
  try {
    return job(
      (name) => readFileSync(path.join(folder, name), 'utf8'),
      (...args) => void execFileSync('openssl', args, { cwd: folder, stdio: 'ignore' }),
      (name, text) => writeFileSync(path.join(folder, name), text),
    )
  } finally {
    rmSync(folder, { recursive: true, force: true })
  }
}
