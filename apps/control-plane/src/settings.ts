import { isIP } from 'node:net'
import { z } from 'zod'
import {
  filePath,
  flag,
  logLevel,
  networks,
  port,
  problemsOfProcess,
  readSettings,
  SettingsError,
  text,
  type Setting,
  type SettingsOf,
} from '@crossfade/runtime/settings'

const setting = <T>(entry: Setting<T>): Setting<T> => entry
const path = text
const pem = z.string().includes('PRIVATE KEY', 'Give a PEM private key')

/** Every setting of the control plane, once. `docs/configuration.md` is printed from it. */
export const controlPlaneTable = {
  CROSSFADE_HOST: setting({ schema: text, fallback: '127.0.0.1', meaning: 'Address to listen on' }),
  CROSSFADE_PORT: setting({
    schema: port,
    fallback: '4400',
    meaning: 'Port of the API, dashboard and links',
  }),
  CROSSFADE_PUBLIC_URL: setting({
    schema: z.url({ protocol: /^https?$/ }).optional(),
    meaning: 'Address people and agents use: checked as origin, printed in links',
  }),
  CROSSFADE_TLS_CERT: setting({
    schema: filePath.optional(),
    meaning: 'PEM file of the certificate chain; with it https is served. Read again when it changes',
  }),
  CROSSFADE_TLS_KEY: setting({ schema: filePath.optional(), meaning: 'PEM file of its private key' }),
  CROSSFADE_CLIENT_CA: setting({
    schema: filePath.optional(),
    meaning: 'PEM file of authorities: agents must then show a certificate of one of them',
  }),
  DATABASE_URL: setting({
    schema: z.url({ protocol: /^postgres(ql)?$/, error: 'Give a postgres:// address' }).optional(),
    meaning: 'Postgres 15 or newer; without it the data directory holds the database',
    secret: true,
  }),
  CROSSFADE_DATA_DIR: setting({
    schema: path,
    fallback: '.crossfade',
    meaning: 'Directory for keys, the roll-back journal and, without DATABASE_URL, the database',
  }),
  CROSSFADE_SIGNING_KEY: setting({
    schema: pem.optional(),
    meaning: 'Ed25519 private key (PEM) that signs snapshots; made in the data directory if absent',
    secret: true,
  }),
  CROSSFADE_PREVIOUS_SIGNING_KEY: setting({
    schema: pem.optional(),
    meaning: 'The key before, once, when the signing key changes: it vouches for the new one',
    secret: true,
  }),
  CROSSFADE_AUDIT_KEY: setting({
    schema: z.string().min(32, 'Give at least 32 characters').optional(),
    meaning:
      'Secret that seals the audit trail, and webhooks’ addresses and secrets; made in the data directory if absent',
    secret: true,
  }),
  CROSSFADE_PREVIOUS_AUDIT_KEYS: setting({
    schema: z
      .string()
      .transform((list) => list.split(',').map((key) => key.trim()))
      .optional(),
    meaning:
      'Secrets that sealed before, with commas between them, so that it can still be verified and opened',
    secret: true,
  }),
  CROSSFADE_AUDIT_RETENTION_DAYS: setting({
    schema: z
      .string()
      .regex(/^\d{1,5}$/, 'Give whole days')
      .transform(Number)
      .refine((days) => days > 0, 'Give at least one day')
      .optional(),
    meaning: 'Days that rows of the audit trail are kept; for ever if absent',
  }),
  CROSSFADE_ALLOW_NETWORKS: setting({
    schema: networks,
    fallback: 'public,private',
    meaning:
      'Where services may live: public, private, loopback or CIDR networks, comma-separated; judged when they are saved',
  }),
  CROSSFADE_AGENT_CREDENTIAL_LIFE: setting({
    schema: z
      .string()
      .regex(/^\d{1,7}$/, 'Give seconds')
      .transform(Number)
      .refine((value) => value >= 5 && value <= 2_592_000, 'Give from 5 seconds to 30 days')
      .transform((value) => value * 1000),
    fallback: '604800',
    meaning: "Seconds an agent's credential lives; agents renew theirs at two thirds of it",
  }),
  CROSSFADE_INSECURE: setting({
    schema: flag,
    fallback: 'false',
    meaning: 'Allow plain http on an address other machines can reach',
  }),
  CROSSFADE_LOG_LEVEL: setting({ schema: logLevel, fallback: 'info', meaning: 'Least level that is logged' }),
  CROSSFADE_DASHBOARD_DIR: setting({
    schema: path.optional(),
    meaning: 'Built dashboard to serve; found beside the program if absent',
  }),
} as const

export interface ControlPlaneSettings {
  readonly host: string
  readonly port: number
  /** Without trailing slash. */
  readonly publicUrl: string
  readonly tls: {
    readonly certFile: string
    readonly keyFile: string
    readonly clientCaFile: string | null
  } | null
  readonly databaseUrl: string | null
  readonly dataDir: string
  /** PEM; null means: made in the data directory. */
  readonly signingKey: string | null
  readonly previousSigningKey: string | null
  readonly auditKey: string | null
  readonly previousAuditKeys: readonly string[]
  readonly auditRetentionDays: number | null
  readonly allowNetworks: readonly string[]
  readonly credentialLifeMs: number
  readonly insecure: boolean
  readonly logLevel: string
  readonly dashboardDir: string | null
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings; a `SettingsError` names everything that is wrong at once. */
export function readControlPlaneSettings(
  env: Environment,
  readFile?: (path: string) => string,
): ControlPlaneSettings {
  const together = problemsTogether(env)
  const values = readOrAdd(env, readFile, together)
  const scheme = values.CROSSFADE_TLS_CERT === undefined ? 'http' : 'https'
  const shownHost = isIP(values.CROSSFADE_HOST) === 6 ? `[${values.CROSSFADE_HOST}]` : values.CROSSFADE_HOST
  return {
    host: values.CROSSFADE_HOST,
    port: values.CROSSFADE_PORT,
    publicUrl: (values.CROSSFADE_PUBLIC_URL ?? `${scheme}://${shownHost}:${values.CROSSFADE_PORT}`).replace(
      /\/+$/,
      '',
    ),
    tls:
      values.CROSSFADE_TLS_CERT !== undefined && values.CROSSFADE_TLS_KEY !== undefined
        ? {
            certFile: values.CROSSFADE_TLS_CERT,
            keyFile: values.CROSSFADE_TLS_KEY,
            clientCaFile: values.CROSSFADE_CLIENT_CA ?? null,
          }
        : null,
    databaseUrl: values.DATABASE_URL ?? null,
    dataDir: values.CROSSFADE_DATA_DIR,
    signingKey: values.CROSSFADE_SIGNING_KEY ?? null,
    previousSigningKey: values.CROSSFADE_PREVIOUS_SIGNING_KEY ?? null,
    auditKey: values.CROSSFADE_AUDIT_KEY ?? null,
    previousAuditKeys: values.CROSSFADE_PREVIOUS_AUDIT_KEYS ?? [],
    auditRetentionDays: values.CROSSFADE_AUDIT_RETENTION_DAYS ?? null,
    allowNetworks: values.CROSSFADE_ALLOW_NETWORKS,
    credentialLifeMs: values.CROSSFADE_AGENT_CREDENTIAL_LIFE,
    insecure: values.CROSSFADE_INSECURE,
    logLevel: values.CROSSFADE_LOG_LEVEL,
    dashboardDir: values.CROSSFADE_DASHBOARD_DIR ?? null,
  }
}

/** Reads the table; what it refuses and what does not go together become one message. */
function readOrAdd(
  env: Environment,
  readFile: ((path: string) => string) | undefined,
  together: readonly string[],
): SettingsOf<typeof controlPlaneTable> {
  const lines = together.map((problem) => `  ${problem}`)
  try {
    const values = readSettings(controlPlaneTable, env, readFile)
    if (lines.length === 0) return values
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    throw new SettingsError([error.message, ...lines].join('\n'), { cause: error })
  }
  throw new SettingsError(['Cannot start:', ...lines].join('\n'))
}

/** What each setting alone cannot see. */
function problemsTogether(env: Environment): string[] {
  const given = (name: string) => env[name] !== undefined || env[`${name}_FILE`] !== undefined
  const problems = problemsOfProcess(env)
  const host = env['CROSSFADE_HOST'] ?? '127.0.0.1'
  if (given('CROSSFADE_TLS_CERT') !== given('CROSSFADE_TLS_KEY')) {
    problems.push('CROSSFADE_TLS_CERT and CROSSFADE_TLS_KEY: give both or none')
  }
  if (given('CROSSFADE_CLIENT_CA') && !given('CROSSFADE_TLS_CERT')) {
    problems.push('CROSSFADE_CLIENT_CA: give CROSSFADE_TLS_CERT and _KEY too; only TLS knows certificates')
  }
  if (!isLoopback(host) && !given('CROSSFADE_TLS_CERT') && env['CROSSFADE_INSECURE'] !== 'true') {
    problems.push(
      `CROSSFADE_HOST: ${host} can be reached by other machines; give CROSSFADE_TLS_CERT and _KEY, or CROSSFADE_INSECURE=true`,
    )
  }
  if (given('DATABASE_URL')) {
    for (const name of ['CROSSFADE_SIGNING_KEY', 'CROSSFADE_AUDIT_KEY']) {
      if (!given(name)) problems.push(`${name}: required with DATABASE_URL`)
    }
  }
  return problems
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || (isIP(host) === 4 && host.startsWith('127.'))
}
