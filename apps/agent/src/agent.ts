import type { Clock } from '@crossfade/runtime/clock'
import { lifecycle, type Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { adminServer, healthServer } from './admin/admin-servers.ts'
import type { HttpPart } from './admin/http-part.ts'
import { readiness, type Condition } from './admin/readiness.ts'
import { createConfiguration } from './config/configuration.ts'
import type { Disk } from './config/disk.ts'
import { createOverlayFiles } from './config/overlay-files.ts'
import { createSnapshotFiles } from './config/snapshot-files.ts'
import { stateDirectory } from './config/state-directory.ts'
import { createEmergencies } from './emergency/emergencies.ts'
import { createEmergencyFiles } from './emergency/emergency-files.ts'
import { createClockOffset } from './link/clock-offset.ts'
import { createLink, type Link } from './link/link.ts'
import { createPeer } from './link/peer.ts'
import { createRate } from './link/rate.ts'
import type { Dial } from './link/socket.ts'
import { createTrafficServer } from './proxy/traffic-server.ts'
import { createServicePools } from './services/service-pools.ts'
import type { AgentSettings } from './settings.ts'
import { createOutbox } from './stats/outbox.ts'
import { createRecorder } from './stats/recorder.ts'
import { createStatsReporter } from './stats/stats-reporter.ts'
import { createTotals } from './stats/totals.ts'
import { createWatched } from './stats/watched.ts'
import { version } from './version.ts'

/** What comes from outside: `main.ts` brings the real ones, tests manual time and a socket of their own. */
export interface World {
  readonly clock: Clock
  readonly random: () => number
  /** A new unguessable id, fit for the contracts. */
  readonly newId: () => string
  readonly disk: Disk
  readonly dial: Dial
  /** Mean delay of the event loop since it was last asked, in ms. */
  readonly eventLoopDelayMs: () => number
  readonly logger: Logger
}

export interface Agent extends Part {
  readonly admin: HttpPart
  /** Where clients are served; null before and after. */
  traffic(): { readonly host: string; readonly port: number } | null
  condition(): Condition
}

/** The wiring diagram. Read it top to bottom; parts start in the order at its end and stop in reverse. */
export function createAgent(world: World, settings: AgentSettings): Agent {
  const { clock, random, disk, logger } = world
  const { stateDir, fingerprint } = settings
  const onError = (error: unknown) => logger.error({ err: error }, 'Something failed in the background')
  let isDraining = false
  let listening: { readonly host: string; readonly port: number } | null = null

  const services = createServicePools({ clock, logger, random })
  const emergencies = createEmergencies({
    files: createEmergencyFiles(stateDir, disk),
    newId: world.newId,
    clock,
    logger,
    onChange() {
      configuration.refresh()
      link.send(peer.heartbeat())
    },
  })
  const configuration = createConfiguration({
    fingerprint,
    files: createSnapshotFiles({ folder: stateDir, bootstrap: settings.bootstrap, fingerprint, disk }),
    overlayFiles: createOverlayFiles(stateDir, disk),
    emergencies: () => emergencies.list(),
    prepare: (next) => services.install(next.services),
    clock,
    logger,
  })
  const { slot } = configuration

  const offset = createClockOffset()
  const theirNow = () => clock.now() + offset.current()
  const boot = world.newId()
  const totals = createTotals()
  const watched = createWatched(slot)
  const outbox = createOutbox({ boot, clock, send: (batch) => link.send({ type: 'stats', batch }) })
  const recorder = createRecorder({
    now: theirNow,
    isFine: (mappingId) => watched.isFine(mappingId),
    onWindow(closed) {
      totals.add(closed)
      outbox.add(closed.window)
    },
  })
  slot.onChange(({ table }) => totals.keepOnly(new Set(table.byId.keys())))

  const traffic = createTrafficServer({
    slot,
    recorder,
    services,
    clock,
    random,
    logger,
    agentName: settings.name,
    healthPath: settings.healthPath,
    limits: settings.limits,
    isReady: () => readiness(condition()).ready,
  })
  const requestsPerSecond = createRate(clock, () => totals.requests())
  const peer = createPeer({
    identity: { name: settings.name, boot, version },
    configuration,
    emergencies,
    outbox,
    watched,
    offset,
    vitals: () => ({
      connections: traffic.connections(),
      inFlight: traffic.inFlight(),
      requestsPerSecond: requestsPerSecond(),
      eventLoopDelayMs: world.eventLoopDelayMs(),
      draining: isDraining,
      health: services.healthView(),
    }),
    clock,
    send: (message) => link.send(message),
    onError,
  })
  const link: Link = createLink({ dial: world.dial, peer, clock, random, logger })
  const stats = createStatsReporter({
    recorder,
    outbox,
    now: theirNow,
    clock,
    isLinked: () => link.state().kind === 'up',
  })

  const condition = (): Condition => ({
    hasConfiguration: slot.current() !== null,
    isListening: listening !== null,
    isDraining,
    source: configuration.source(),
    revision: configuration.running()?.revision ?? null,
    link: link.state(),
    warnings: [...configuration.warnings(), ...emergencies.warnings()],
  })
  const admin = adminServer({
    listen: settings.adminListen,
    token: settings.adminToken,
    stateDir,
    disk,
    newToken: () => `${world.newId()}${world.newId()}`.replaceAll('-', ''),
    condition,
    configuration,
    emergencies,
    metrics: { totals, outbox, offset, traffic, link },
    onError,
  })

  const files: Part = {
    name: 'configuration',
    async start() {
      await emergencies.load()
      await configuration.load()
    },
    stop: () => configuration.stop(),
  }
  const pools: Part = { name: 'services', async start() {}, stop: () => services.close() }
  const front: Part = {
    name: 'traffic',
    async start() {
      listening = await traffic.listen(settings.listen)
    },
    async stop() {
      await traffic.drain(settings.drain)
      listening = null
    },
  }
  const parts = lifecycle([
    stateDirectory(stateDir),
    files,
    admin,
    ...healthServer(settings.healthListen, condition, onError),
    pools,
    link,
    stats,
    front,
  ])
  return {
    name: 'agent',
    admin,
    traffic: () => listening,
    condition,
    start: () => parts.start(),
    async stop() {
      isDraining = true
      link.send(peer.heartbeat())
      await parts.stop()
    },
  }
}
