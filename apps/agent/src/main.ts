import { randomUUID } from 'node:crypto'
import { hostname } from 'node:os'
import { monitorEventLoopDelay } from 'node:perf_hooks'
import { systemClock } from '@crossfade/runtime/clock'
import { DirectoryInUseError } from '@crossfade/runtime/directory-lock'
import { createLogger, type Logger } from '@crossfade/runtime/logger'
import { SettingsError } from '@crossfade/runtime/settings'
import { createAgent, type Agent } from './agent.ts'
import { nodeDisk } from './config/disk.ts'
import { controlDoor } from './identity/control-door.ts'
import { dialer } from './link/ws-socket.ts'
import { processAllowance, processBurden } from './resilience/process-burden.ts'
import { createControlCertificates } from './tls/control-certificates.ts'
import { readAgentSettings, type AgentSettings } from './settings.ts'

/** EX_USAGE of sysexits.h: starting again will not help. */
const exitSettings = 64

const settings = readOrExit()
const logger = createLogger('agent', settings.logLevel)
const control = createControlCertificates(settings.tls.control, systemClock, logger)
const agent = createAgent(
  {
    clock: systemClock,
    random: Math.random,
    newId: randomUUID,
    disk: nodeDisk,
    control,
    dialWith: dialer(settings.controlUrl, () => control.terms()),
    door: controlDoor(settings.controlUrl, () => control.terms()),
    eventLoopDelayMs: eventLoopDelay(),
    burden: processBurden(),
    allowance: processAllowance(),
    logger,
  },
  settings,
)
stopOnSignals(agent, logger)
// As nginx does; without a listener Node would open its debugger.
process.on('SIGUSR1', () => agent.reopenLog())
try {
  await agent.start()
  const { listen, tls } = settings
  const secure = tls.listen === null ? null : `${tls.listen.host}:${tls.listen.port}`
  logger.info(
    {
      agent: settings.name,
      listen: `${listen.host}:${listen.port}`,
      tls: secure,
      admin: agent.admin.address(),
    },
    'Serving',
  )
} catch (error) {
  process.stderr.write(`${reasonOf(error)}\n`)
  process.exit(rootOf(error) instanceof SettingsError ? exitSettings : 1)
}

function readOrExit(): AgentSettings {
  try {
    return readAgentSettings(process.env, hostname())
  } catch (error) {
    if (!(error instanceof SettingsError)) throw error
    process.stderr.write(`${error.message}\n`)
    return process.exit(exitSettings)
  }
}

/** The first signal drains, the second ends at once. */
function stopOnSignals(running: Agent, log: Logger): void {
  let isStopping = false
  const stop = async (signal: string) => {
    if (isStopping) process.exit(1)
    isStopping = true
    log.info({ signal }, 'Draining; a second signal ends at once')
    try {
      await running.stop()
      process.exit(0)
    } catch (error) {
      log.error({ err: error }, 'Did not stop cleanly')
      process.exit(1)
    }
  }
  for (const signal of ['SIGTERM', 'SIGINT'] as const) process.on(signal, () => void stop(signal))
}

/** Mean since it was last asked, in ms. */
function eventLoopDelay(): () => number {
  const resolution = 20
  const histogram = monitorEventLoopDelay({ resolution })
  histogram.enable()
  return () => {
    const mean = histogram.count === 0 ? 0 : histogram.mean / 1e6 - resolution
    histogram.reset()
    return Math.max(0, Math.round(mean * 10) / 10)
  }
}

/** One line a person can act on. */
function reasonOf(error: unknown): string {
  const root = rootOf(error)
  if (root instanceof DirectoryInUseError) {
    return `${root.message}. Stop that one first, or choose another CROSSFADE_STATE_DIR.`
  }
  if (root instanceof SettingsError) return root.message
  if (!(root instanceof Error)) return `Cannot start: ${String(root)}`
  const { code, address, port } = root as NodeJS.ErrnoException & { address?: string; port?: number }
  if (code === 'EADDRINUSE') return `Cannot listen on ${address}:${port}: the port is in use`
  if (code === 'EACCES' && port !== undefined) return `Cannot listen on ${address}:${port}: not permitted`
  return `Cannot start: ${root.message}`
}

function rootOf(error: unknown): unknown {
  return error instanceof Error && error.cause !== undefined ? rootOf(error.cause) : error
}
