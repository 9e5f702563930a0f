import { randomBytes, randomUUID } from 'node:crypto'
import { systemClock } from '@crossfade/runtime/clock'
import { createLogger, type Logger } from '@crossfade/runtime/logger'
import { SettingsError } from '@crossfade/runtime/settings'
import { openControlPlane, type ControlPlane } from './control-plane.ts'
import { readControlPlaneSettings, type ControlPlaneSettings } from './settings.ts'
import { StoreOpenError } from './store/errors.ts'

/** sysexits.h: EX_USAGE, for settings and arguments; everything else that stops us is 1. */
const exitUsage = 64

try {
  if (process.argv.length > 2) throw new SettingsError('control-plane takes no arguments, only settings')
  await serve(readControlPlaneSettings(process.env))
} catch (error) {
  process.stderr.write(`${explain(error)}\n`)
  process.exit(error instanceof SettingsError ? exitUsage : 1)
}

async function serve(settings: ControlPlaneSettings): Promise<void> {
  const logger = createLogger('control-plane', settings.logLevel)
  const controlPlane = await openControlPlane(worldWith(logger), settings)
  await controlPlane.start()
  stopOnSignals(controlPlane, logger)
  logger.info({ url: controlPlane.address() }, 'The control plane is ready')
  if (!(await controlPlane.people.hasAdministrator())) {
    const { url, expiresAt } = await controlPlane.people.issueLink('first-administrator')
    logger.info({ link: url, expiresAt }, `Make the first administrator: ${url}`)
  }
}

function worldWith(logger: Logger) {
  const random = (bytes: number) => randomBytes(bytes)
  return { clock: systemClock, random, newId: () => randomUUID(), logger }
}

/** The first signal stops in order, the second at once. */
function stopOnSignals(controlPlane: ControlPlane, logger: Logger): void {
  let isStopping = false
  const stop = (signal: NodeJS.Signals) => {
    if (isStopping) process.exit(1)
    isStopping = true
    logger.info({ signal }, 'Stopping')
    controlPlane.stop().then(
      () => process.exit(0),
      (error: unknown) => {
        logger.error({ err: error }, 'Some parts did not stop cleanly')
        process.exit(1)
      },
    )
  }
  process.on('SIGTERM', stop)
  process.on('SIGINT', stop)
}

/** One line for what a person can put right; the whole story for what we did not expect. */
function explain(error: unknown): string {
  for (let layer = error; layer instanceof Error; layer = layer.cause) {
    if (layer instanceof SettingsError || layer instanceof StoreOpenError) return layer.message
    const code: unknown = Reflect.get(layer, 'code')
    if (code === 'EADDRINUSE') {
      return `Port ${String(Reflect.get(layer, 'port'))} is in use; choose another with CROSSFADE_PORT`
    }
    if (code === 'EACCES') return `Not allowed: ${layer.message}`
  }
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
