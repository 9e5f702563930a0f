import { readFileSync } from 'node:fs'
import { problemOfNetworks, type Door } from '@crossfade/core/address-policy'
import { z } from 'zod'

/** One setting: how its text becomes a value, and what it is for. Printed into docs/configuration.md. */
export interface Setting<T> {
  readonly schema: z.ZodType<T, string | undefined>
  readonly meaning: string
  /** As text, for the documentation. */
  readonly fallback?: string
  readonly secret?: boolean
}
export type SettingsTable = Readonly<Record<string, Setting<unknown>>>
export type SettingsOf<T extends SettingsTable> = {
  readonly [K in keyof T]: T[K] extends Setting<infer V> ? V : never
}

export class SettingsError extends Error {
  override readonly name = 'SettingsError'
}

/**
 * Reads every setting of a table from an environment, each also as `NAME_FILE`, and reports all problems at
 * once; values of secrets are never repeated. Unknown `CROSSFADE_*` names are errors: a typo must not be silent.
 */
export function readSettings<T extends SettingsTable>(
  table: T,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string = (path) => readFileSync(path, 'utf8'),
): SettingsOf<T> {
  const problems: string[] = []
  const values: Record<string, unknown> = {}
  for (const [name, setting] of Object.entries(table)) {
    const text = textOf(name, env, readFile, problems)
    const parsed = setting.schema.safeParse(text ?? setting.fallback)
    if (parsed.success) values[name] = parsed.data
    else {
      const why = parsed.error.issues.map((issue) => issue.message).join('; ')
      problems.push(`${name}: ${setting.secret ? 'not acceptable' : why}`)
    }
  }
  const known = new Set(Object.keys(table).flatMap((name) => [name, `${name}_FILE`]))
  for (const name of Object.keys(env)) {
    if (name.startsWith('CROSSFADE_') && !known.has(name)) problems.push(`${name}: there is no such setting`)
  }
  if (problems.length > 0)
    throw new SettingsError(`Cannot start:\n${problems.map((p) => `  ${p}`).join('\n')}`)
  return Object.freeze(values) as SettingsOf<T>
}

function textOf(
  name: string,
  env: Readonly<Record<string, string | undefined>>,
  readFile: (path: string) => string,
  problems: string[],
): string | undefined {
  const path = env[`${name}_FILE`]
  if (path === undefined) return env[name]
  if (env[name] !== undefined) problems.push(`${name}: set it or ${name}_FILE, not both`)
  try {
    return readFile(path).trimEnd()
  } catch {
    problems.push(`${name}_FILE: cannot be read`)
    return undefined
  }
}

/** What in the environment would undo our care, whatever the settings say. */
export function problemsOfProcess(env: Readonly<Record<string, string | undefined>>): string[] {
  // As Node reads it: only this value switches verification off.
  if (env['NODE_TLS_REJECT_UNAUTHORIZED'] !== '0') return []
  return [
    'NODE_TLS_REJECT_UNAUTHORIZED: 0 would believe any certificate of anybody; unset it, and name the authority of what uses a certificate of its own',
  ]
}

/** Kinds of values that settings share. */
export const text = z.string().min(1)
/** Of a file, not what is in it: a key pasted here would end up in messages. */
export const filePath = text.refine(
  (value) => !/[\n\r]|-----BEGIN/.test(value),
  'Give the path of a file, not what is in it (with _FILE: the path of a file that holds the path)',
)
export const port = z
  .string()
  .regex(/^\d{1,5}$/, 'Give a port number')
  .transform(Number)
  .refine((value) => value <= 65_535, 'Give a port number up to 65535')
export const flag = z.enum(['true', 'false'], 'Give true or false').transform((value) => value === 'true')
export const address = z
  .string()
  .regex(/^(\[[0-9a-fA-F:.]+\]|[^:[\]]+):\d{1,5}$/, 'Give host:port')
  .transform((value) => {
    const cut = value.lastIndexOf(':')
    return { host: value.slice(0, cut).replace(/^\[|\]$/g, ''), port: Number(value.slice(cut + 1)) }
  })
export const logLevel = z.enum(['fatal', 'error', 'warn', 'info', 'debug', 'trace', 'silent'])
/** `public`, `private`, `loopback` and CIDR networks with commas between them. */
export const networks = z.string().transform((value, context): readonly string[] => {
  const names = value.split(',').map((name) => name.trim())
  const problem = problemOfNetworks(names)
  if (problem !== null) context.addIssue(problem)
  return names
})

const defaultPorts: Readonly<Record<string, number>> = {
  'http:': 80,
  'ws:': 80,
  'https:': 443,
  'wss:': 443,
  'postgres:': 5432,
  'postgresql:': 5432,
  'nats:': 4222,
  'tls:': 4222,
}

/** The host and port that an address of a setting stands for. */
export function doorOfUrl(url: string): Door {
  const { protocol, hostname, port: given } = new URL(url)
  return {
    host: hostname.replace(/^\[(.*)\]$/, '$1'),
    port: given === '' ? (defaultPorts[protocol] ?? 0) : Number(given),
  }
}
