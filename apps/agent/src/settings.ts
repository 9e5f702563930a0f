import { isIP } from 'node:net'
import { agentTokenSchema } from '@crossfade/contracts/agent-token'
import {
  address,
  flag,
  logLevel,
  networks,
  problemsOfProcess,
  readSettings,
  SettingsError,
  text,
  type Setting,
  type SettingsOf,
} from '@crossfade/runtime/settings'
import { z } from 'zod'
import type { HttpLimits } from './proxy/http-limits.ts'
import { problemsOfTls, tlsSettingsOf, tlsTable, type TlsSettings } from './tls/tls-settings.ts'
import { problemOfFormat } from './traffic-log/line.ts'
import type { TrafficLogSettings } from './traffic-log/traffic-log.ts'

const setting = <T>(entry: Setting<T>): Setting<T> => entry
const seconds = z
  .string()
  .regex(/^\d{1,5}(\.\d{1,3})?$/, 'Give seconds')
  .transform((value) => Number(value) * 1000)
const wholeNumber = (least: number, most: number) =>
  z
    .string()
    .regex(/^\d{1,10}$/, 'Give a whole number')
    .transform(Number)
    .refine((value) => value >= least && value <= most, `Give a number from ${least} to ${most}`)
const trafficLogFormat = z.string().superRefine((format, context) => {
  const problem = problemOfFormat(format)
  if (problem !== null) context.addIssue({ code: 'custom', message: problem })
})
const controlUrl = z.url({ protocol: /^(https?|wss?)$/, error: 'Give an http or https address' })

/** Every setting of the agent, once. `docs/configuration.md` is printed from it. */
export const agentTable = {
  CROSSFADE_CONTROL_URL: setting({
    schema: controlUrl,
    meaning: 'Address of the control plane; the agent dials it, never the other way round',
  }),
  CROSSFADE_AGENT_TOKEN: setting({
    schema: agentTokenSchema.optional(),
    meaning:
      'Token to join with (cfa_…), needed until the state directory holds an identity; it also names the key that must sign what the agent obeys',
    secret: true,
  }),
  CROSSFADE_AGENT_NAME: setting({
    schema: z
      .string()
      .regex(/^[^\u0000-\u001f\u007f]{1,80}$/, 'Give 1 to 80 characters')
      .optional(),
    meaning: "Name on the fleet page; the host's name if absent",
  }),
  CROSSFADE_LISTEN: setting({
    schema: address,
    fallback: '0.0.0.0:8080',
    meaning: 'Where clients are served',
  }),
  ...tlsTable,
  CROSSFADE_ADMIN_LISTEN: setting({
    schema: address,
    fallback: '127.0.0.1:9901',
    meaning: 'Health, metrics, what is in force, and the break-glass roll back',
  }),
  CROSSFADE_HEALTH_LISTEN: setting({
    schema: address.optional(),
    meaning: 'A port with /healthz and /readyz only, for orchestrators',
  }),
  CROSSFADE_HEALTH_PATH: setting({
    schema: z
      .string()
      .regex(/^\/[\w./~-]+$/, 'Give a path such as /_crossfade/ready')
      .optional(),
    meaning: 'A path of the traffic port that answers readiness instead of being forwarded',
  }),
  CROSSFADE_STATE_DIR: setting({
    schema: text,
    fallback: '.crossfade-agent',
    meaning:
      'Directory for the identity, the last snapshots, roll backs and the admin token; one process each, never a copy',
  }),
  CROSSFADE_REVOKED_GRACE: setting({
    schema: z
      .string()
      .regex(/^\d{1,8}$/, 'Give seconds')
      .transform((value) => Number(value) * 1000)
      .optional(),
    meaning: 'Seconds an agent goes on serving once it is revoked; for ever if absent',
  }),
  CROSSFADE_BOOTSTRAP: setting({
    schema: text.optional(),
    meaning: 'Snapshot file to begin with while the state directory has none',
  }),
  CROSSFADE_ADMIN_TOKEN: setting({
    schema: z.string().min(16, 'Give at least 16 characters').optional(),
    meaning: 'Token of the admin port; made in the state directory (admin-token) if absent',
    secret: true,
  }),
  CROSSFADE_DRAIN_DELAY: setting({
    schema: seconds,
    fallback: '5',
    meaning: 'Seconds after SIGTERM in which requests are still taken, so that balancers notice',
  }),
  CROSSFADE_DRAIN_TIMEOUT: setting({
    schema: seconds,
    fallback: '30',
    meaning: 'Seconds that requests under way get to finish after that',
  }),
  CROSSFADE_HEADER_TIMEOUT: setting({
    schema: seconds,
    fallback: '10',
    meaning: 'Seconds a client gets to send the head of a request, however slowly its bytes keep coming',
  }),
  CROSSFADE_KEEP_ALIVE: setting({
    schema: seconds,
    fallback: '65',
    meaning: 'Seconds a client connection may wait for its next request',
  }),
  CROSSFADE_MAX_HEADER_BYTES: setting({
    schema: wholeNumber(1_024, 1_048_576),
    fallback: '32768',
    meaning: 'Bytes of a request line and its headers together; more is 431, or 414 for the line alone',
  }),
  CROSSFADE_MAX_HEADER_LINES: setting({
    schema: wholeNumber(10, 10_000),
    fallback: '200',
    meaning: 'Header lines of a request; more is 431',
  }),
  CROSSFADE_BODY_MIN_RATE: setting({
    schema: wholeNumber(0, 1_000_000_000),
    fallback: '500',
    meaning: 'Bytes per second that a request body must bring; 0 lets it take any time',
  }),
  CROSSFADE_BODY_GRACE: setting({
    schema: seconds,
    fallback: '10',
    meaning: 'Seconds over which that rate is measured; only time in which the agent is reading counts',
  }),
  CROSSFADE_CLIENT_STALL: setting({
    schema: seconds,
    fallback: '60',
    meaning: 'Seconds a client may take nothing of an answer that is waiting for it',
  }),
  CROSSFADE_DNS_SERVERS: setting({
    schema: z
      .string()
      .transform((list) => list.split(',').map((server) => server.trim()))
      .refine((list) => list.every(isServer), 'Give addresses such as 10.0.0.2:53, with commas between them')
      .optional(),
    meaning: 'Name servers to ask about services instead of those of the system',
  }),
  CROSSFADE_ALLOW_NETWORKS: setting({
    schema: networks,
    fallback: 'public,private',
    meaning:
      'Where this agent connects to services: public, private, loopback or CIDR networks, comma-separated; judged again at each connection, whatever the control plane allows',
  }),
  CROSSFADE_OVERLOAD_LOOP_DELAY: setting({
    schema: wholeNumber(0, 600_000),
    fallback: '1000',
    meaning:
      'Milliseconds of event-loop delay (99th percentile) at which this agent is fully loaded: at 85 % connections end after their answer, at 92 % requests get 503, at 95 % no connections are taken; 0 looks away',
  }),
  CROSSFADE_OVERLOAD_MEMORY: setting({
    schema: wholeNumber(0, 1_000_000).optional(),
    meaning: 'MiB of memory at which it is fully loaded; the limit of its container if absent, 0 looks away',
  }),
  CROSSFADE_OVERLOAD_CONNECTIONS: setting({
    schema: wholeNumber(0, 1_000_000).optional(),
    meaning: 'Client connections at which it is fully loaded; half of the files it may open if absent',
  }),
  CROSSFADE_TRAFFIC_LOG: setting({
    schema: text.optional(),
    meaning: 'File for a line about every mapped request, or `stdout`; none without it',
  }),
  CROSSFADE_TRAFFIC_LOG_FORMAT: setting({
    schema: trafficLogFormat,
    fallback: 'json',
    meaning: '`json`, or a line with `$variables` as in nginx (see operating.md)',
  }),
  CROSSFADE_TRAFFIC_LOG_SAMPLE: setting({
    schema: z
      .string()
      .regex(/^(0(\.\d{1,6})?|1(\.0{1,6})?)$/, 'Give a part from 0 to 1')
      .transform(Number),
    fallback: '1',
    meaning: 'Part of the mapped requests that get a line, from 0 to 1',
  }),
  CROSSFADE_INSECURE: setting({
    schema: flag,
    fallback: 'false',
    meaning: 'Allow a control plane over plain http that is not on this machine',
  }),
  CROSSFADE_LOG_LEVEL: setting({ schema: logLevel, fallback: 'info', meaning: 'Least level that is logged' }),
} as const

interface Listen {
  readonly host: string
  readonly port: number
}

export interface AgentSettings {
  readonly controlUrl: string
  /** Null: it has joined before. */
  readonly token: string | null
  readonly name: string
  readonly listen: Listen
  readonly tls: TlsSettings
  readonly adminListen: Listen
  readonly healthListen: Listen | null
  readonly healthPath: string | null
  readonly stateDir: string
  /** Null: for ever. */
  readonly revokedGraceMs: number | null
  readonly bootstrap: string | null
  readonly adminToken: string | null
  readonly drain: { readonly preStopMs: number; readonly timeoutMs: number }
  readonly limits: HttpLimits
  /** Empty: those of the system. */
  readonly dnsServers: readonly string[]
  readonly allowNetworks: readonly string[]
  /** Null: what the process may have decides. */
  readonly overload: {
    readonly loopDelayMs: number
    readonly memoryBytes: number | null
    readonly connections: number | null
  }
  /** Null: no line is written. */
  readonly trafficLog: TrafficLogSettings | null
  readonly logLevel: string
}

type Environment = Readonly<Record<string, string | undefined>>

/** Reads and checks all settings; a `SettingsError` names everything that is wrong at once. */
export function readAgentSettings(
  env: Environment,
  hostName: string,
  readFile?: (path: string) => string,
): AgentSettings {
  const values = readOrAdd(env, readFile, [
    ...problemsTogether(env),
    ...problemsOfTls(env),
    ...problemsOfProcess(env),
  ])
  return {
    controlUrl: values.CROSSFADE_CONTROL_URL,
    token: values.CROSSFADE_AGENT_TOKEN ?? null,
    name: values.CROSSFADE_AGENT_NAME ?? (hostName.slice(0, 80) || 'agent'),
    listen: values.CROSSFADE_LISTEN,
    tls: tlsSettingsOf(values),
    adminListen: values.CROSSFADE_ADMIN_LISTEN,
    healthListen: values.CROSSFADE_HEALTH_LISTEN ?? null,
    healthPath: values.CROSSFADE_HEALTH_PATH ?? null,
    stateDir: values.CROSSFADE_STATE_DIR,
    revokedGraceMs: values.CROSSFADE_REVOKED_GRACE ?? null,
    bootstrap: values.CROSSFADE_BOOTSTRAP ?? null,
    adminToken: values.CROSSFADE_ADMIN_TOKEN ?? null,
    drain: { preStopMs: values.CROSSFADE_DRAIN_DELAY, timeoutMs: values.CROSSFADE_DRAIN_TIMEOUT },
    dnsServers: values.CROSSFADE_DNS_SERVERS ?? [],
    allowNetworks: values.CROSSFADE_ALLOW_NETWORKS,
    overload: {
      loopDelayMs: values.CROSSFADE_OVERLOAD_LOOP_DELAY,
      memoryBytes:
        values.CROSSFADE_OVERLOAD_MEMORY === undefined
          ? null
          : values.CROSSFADE_OVERLOAD_MEMORY * 1024 * 1024,
      connections: values.CROSSFADE_OVERLOAD_CONNECTIONS ?? null,
    },
    limits: {
      headerMs: values.CROSSFADE_HEADER_TIMEOUT,
      keepAliveMs: values.CROSSFADE_KEEP_ALIVE,
      headBytes: values.CROSSFADE_MAX_HEADER_BYTES,
      headLines: values.CROSSFADE_MAX_HEADER_LINES,
      bodyGraceMs: values.CROSSFADE_BODY_GRACE,
      bodyBytesPerSecond: values.CROSSFADE_BODY_MIN_RATE,
      stallMs: values.CROSSFADE_CLIENT_STALL,
    },
    trafficLog:
      values.CROSSFADE_TRAFFIC_LOG === undefined
        ? null
        : {
            to: values.CROSSFADE_TRAFFIC_LOG,
            format: values.CROSSFADE_TRAFFIC_LOG_FORMAT,
            sample: values.CROSSFADE_TRAFFIC_LOG_SAMPLE,
          },
    logLevel: values.CROSSFADE_LOG_LEVEL,
  }
}

/** Reads the table; what it refuses and what does not go together become one message. */
function readOrAdd(
  env: Environment,
  readFile: ((path: string) => string) | undefined,
  together: readonly string[],
): SettingsOf<typeof agentTable> {
  const lines = together.map((problem) => `  ${problem}`)
  try {
    const values = readSettings(agentTable, env, readFile)
    if (lines.length === 0) return values
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    throw new SettingsError([error.message, ...lines].join('\n'), { cause: error })
  }
  throw new SettingsError(['Cannot start:', ...lines].join('\n'))
}

/** What each setting alone cannot see. The token would travel in the clear. */
function problemsTogether(env: Environment): string[] {
  const url = env['CROSSFADE_CONTROL_URL']
  if (url === undefined || env['CROSSFADE_INSECURE'] === 'true' || !URL.canParse(url)) return []
  const { protocol, hostname } = new URL(url)
  if (!/^(http|ws):$/.test(protocol) || isLoopback(hostname)) return []
  return [
    `CROSSFADE_CONTROL_URL: ${protocol}//${hostname} would carry the token unencrypted; give an https address, or CROSSFADE_INSECURE=true`,
  ]
}

function isServer(server: string): boolean {
  const host = /^(?:\[(.+)\]|([^:[\]]+))(?::\d{1,5})?$/.exec(server)
  return isIP(host?.[1] ?? host?.[2] ?? server) !== 0
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || (isIP(host) === 4 && host.startsWith('127.'))
}
