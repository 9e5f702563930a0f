import { address, filePath, type Setting, type SettingsOf } from '@crossfade/runtime/settings'

const setting = <T>(entry: Setting<T>): Setting<T> => entry
const file = filePath.optional()

/** The part of the agent's settings that is about TLS. Files are read again when they change. */
export const tlsTable = {
  CROSSFADE_TLS_LISTEN: setting({
    schema: address.optional(),
    meaning: 'Where clients are served over TLS, beside CROSSFADE_LISTEN',
  }),
  CROSSFADE_TLS_CERT: setting({
    schema: file,
    meaning:
      'PEM file of the certificate chain shown to clients; with CROSSFADE_TLS_DIR to those it has none for',
  }),
  CROSSFADE_TLS_KEY: setting({ schema: file, meaning: 'PEM file of its private key' }),
  CROSSFADE_TLS_DIR: setting({
    schema: file,
    meaning:
      'Directory of certificates by the host that clients ask for: `shop.example.com.crt` with `.key`, `_.example.com.crt` for any one name below',
  }),
  CROSSFADE_CLIENT_CERTS: setting({
    schema: file,
    meaning: 'Directory of certificates to show to services that want one: `NAME.crt` with `NAME.key`',
  }),
  CROSSFADE_CONTROL_CA: setting({
    schema: file,
    meaning: 'PEM file of the only authorities believed about the control plane; the public ones if absent',
  }),
  CROSSFADE_CONTROL_CERT: setting({
    schema: file,
    meaning: 'PEM file of the certificate shown to the control plane, where that wants one',
  }),
  CROSSFADE_CONTROL_KEY: setting({ schema: file, meaning: 'PEM file of its private key' }),
} as const

export interface PairFiles {
  readonly certFile: string
  readonly keyFile: string
}

export interface TlsSettings {
  /** Null: clients are served in plain only. */
  readonly listen: { readonly host: string; readonly port: number } | null
  readonly pair: PairFiles | null
  readonly folder: string | null
  readonly clientFolder: string | null
  readonly control: { readonly caFile: string | null; readonly pair: PairFiles | null }
}

export const NO_TLS: TlsSettings = {
  listen: null,
  pair: null,
  folder: null,
  clientFolder: null,
  control: { caFile: null, pair: null },
}

export function tlsSettingsOf(values: SettingsOf<typeof tlsTable>): TlsSettings {
  return {
    listen: values.CROSSFADE_TLS_LISTEN ?? null,
    pair: pairOf(values.CROSSFADE_TLS_CERT, values.CROSSFADE_TLS_KEY),
    folder: values.CROSSFADE_TLS_DIR ?? null,
    clientFolder: values.CROSSFADE_CLIENT_CERTS ?? null,
    control: {
      caFile: values.CROSSFADE_CONTROL_CA ?? null,
      pair: pairOf(values.CROSSFADE_CONTROL_CERT, values.CROSSFADE_CONTROL_KEY),
    },
  }
}

/** What does not go together. */
export function problemsOfTls(env: Readonly<Record<string, string | undefined>>): string[] {
  const given = (name: string) => env[name] !== undefined || env[`${name}_FILE`] !== undefined
  const problems: string[] = []
  for (const side of ['TLS', 'CONTROL']) {
    const [cert, key] = [`CROSSFADE_${side}_CERT`, `CROSSFADE_${side}_KEY`]
    if (given(cert) !== given(key)) problems.push(`${cert} and ${key}: give both or none`)
  }
  const certificates = given('CROSSFADE_TLS_CERT') || given('CROSSFADE_TLS_DIR')
  if (given('CROSSFADE_TLS_LISTEN') && !certificates) {
    problems.push('CROSSFADE_TLS_LISTEN: give CROSSFADE_TLS_CERT and _KEY, or CROSSFADE_TLS_DIR, too')
  }
  if (certificates && !given('CROSSFADE_TLS_LISTEN')) {
    problems.push('CROSSFADE_TLS_LISTEN: say where to use the certificates, such as 0.0.0.0:8443')
  }
  return problems
}

function pairOf(certFile: string | undefined, keyFile: string | undefined): PairFiles | null {
  return certFile === undefined || keyFile === undefined ? null : { certFile, keyFile }
}
