import { problemsOfAddresses } from '@crossfade/core/validate'
import type { Clock } from '@crossfade/runtime/clock'
import { lifecycle, type Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { adminServer, healthServer } from './admin/admin-servers.ts'
import type { HttpPart } from './admin/http-part.ts'
import { readiness, type Condition } from './admin/readiness.ts'
import { createCallers } from './callers/callers.ts'
import { keyFetcher } from './callers/fetch-keys.ts'
import { createKeyFiles } from './callers/key-files.ts'
import { createConfiguration } from './config/configuration.ts'
import type { Disk } from './config/disk.ts'
import { createOverlayFiles } from './config/overlay-files.ts'
import { createSnapshotFiles } from './config/snapshot-files.ts'
import { stateDirectory } from './config/state-directory.ts'
import { createEmergencies } from './emergency/emergencies.ts'
import { createEmergencyFiles } from './emergency/emergency-files.ts'
import { admittedDial } from './identity/admitted-dial.ts'
import type { ControlDoor } from './identity/control-door.ts'
import { createIdentityFile } from './identity/identity-file.ts'
import { createIdentity } from './identity/identity.ts'
import { createRevokedGrace } from './identity/revoked-grace.ts'
import { createClockOffset } from './link/clock-offset.ts'
import { createLink, type Link } from './link/link.ts'
import { createPeer } from './link/peer.ts'
import { createRate } from './link/rate.ts'
import type { Dial } from './link/socket.ts'
import { createTrafficServer } from './proxy/traffic-server.ts'
import { createGuards } from './resilience/guards.ts'
import { shedReport } from './resilience/shed-report.ts'
import { watchOverload, type OverloadLimits, type OverloadSource } from './resilience/overload-monitor.ts'
import { createAddresses, systemResolve } from './services/addresses.ts'
import { createServicePools } from './services/service-pools.ts'
import { doorsOfAgent, ownPorts } from './own-doors.ts'
import type { AgentSettings } from './settings.ts'
import { createNumbers } from './stats/numbers.ts'
import { createWitness } from './witness/witness.ts'
import { createClientCertificates } from './tls/client-certificates.ts'
import type { ControlCertificates } from './tls/control-certificates.ts'
import { createServerCertificates } from './tls/server-certificates.ts'
import { version } from './version.ts'

/** What comes from outside: `main.ts` brings the real ones, tests manual time and a socket of their own. */
export interface World {
  readonly clock: Clock
  readonly random: () => number
  /** A new unguessable id, fit for the contracts. */
  readonly newId: () => string
  readonly disk: Disk
  /** What that dials with. */
  readonly control: ControlCertificates
  /** Dials the control plane with a proof of who we are. */
  readonly dialWith: (assertion: string) => Dial
  readonly door: ControlDoor
  /** Mean delay of the event loop since it was last asked, in ms. */
  readonly eventLoopDelayMs: () => number
  /** How busy the process is, for shedding load. */
  readonly burden: Omit<OverloadSource, 'connections'>
  /** What the process may have; 0 when nothing says so. */
  readonly allowance: Pick<OverloadLimits, 'memoryBytes' | 'connections'>
  readonly logger: Logger
}

export interface Agent extends Part {
  readonly admin: HttpPart
  /** Where clients are served; null before and after. */
  traffic(): { readonly host: string; readonly port: number } | null
  condition(): Condition
  /** The traffic log's file was moved away: goes on in a new one. */
  reopenLog(): void
}

/** The wiring diagram. Read it top to bottom; parts start in the order at its end and stop in reverse. */
export function createAgent(world: World, settings: AgentSettings): Agent {
  const { clock, random, disk, logger } = world
  const { stateDir } = settings
  const onError = (error: unknown) => logger.error({ err: error }, 'Something failed in the background')
  let isDraining = false
  let listening: { readonly host: string; readonly port: number } | null = null

  const identity = createIdentity({
    file: createIdentityFile(stateDir, disk),
    door: world.door,
    token: settings.token,
    name: settings.name,
    newId: world.newId,
    clock,
    random,
    logger,
  })
  const revokedGrace = createRevokedGrace({
    graceMs: settings.revokedGraceMs,
    finishMs: settings.drain.timeoutMs,
    revokedAt: () => identity.revokedAt(),
    cutOff: () => traffic.cutOff(),
    clock,
    logger,
  })
  const fingerprint = () => identity.fingerprint()
  const policy = { networks: settings.allowNetworks, doors: doorsOfAgent(settings) }
  const addresses = createAddresses({ resolve: systemResolve(settings.dnsServers), policy, clock, logger })
  const certificates =
    settings.tls.listen === null ? null : createServerCertificates({ ...settings.tls, clock, logger })
  const clientCertificates = createClientCertificates(settings.tls.clientFolder, clock, logger)
  const pem = [
    world.control.files,
    clientCertificates,
    ...(certificates === null ? [] : [certificates.files]),
  ]
  const services = createServicePools({
    clock,
    logger,
    random,
    addresses,
    policy,
    certificates: clientCertificates,
  })
  const callers = createCallers({
    fetch: keyFetcher({ addresses, policy, clock }),
    files: createKeyFiles(stateDir, disk),
    clock,
    random,
    logger,
  })
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
    problemsOf: (snapshot) => problemsOfAddresses(snapshot, policy),
    prepare(next) {
      services.install(next.services)
      callers.install(next.table.auth)
    },
    clock,
    logger,
  })
  const { slot } = configuration
  const trustedKeys = () => configuration.trustedKeys()
  const witness = createWitness({ stateDir, disk, trustedKeys, logger })

  const offset = createClockOffset()
  const boot = world.newId()
  const numbers = createNumbers({
    slot,
    boot,
    agentName: settings.name,
    logSettings: settings.trafficLog,
    theirNow: () => clock.now() + offset.current(),
    send: (batch) => link.send({ type: 'stats', batch }),
    isLinked: () => link.state().kind === 'up',
    clock,
    random,
    logger,
  })
  const { outbox, recorder, totals, trafficLog, watched } = numbers

  const guards = createGuards({
    random,
    logger,
    onOpened: (mappingId, side) => numbers.breakerOpened(mappingId, side),
  })
  slot.onChange(({ table }) => guards.keepOnly(new Set(table.byId.keys())))
  const overload = watchOverload({
    source: { ...world.burden, connections: () => traffic.connections() },
    limits: {
      loopDelayMs: settings.overload.loopDelayMs,
      memoryBytes: settings.overload.memoryBytes ?? world.allowance.memoryBytes,
      connections: settings.overload.connections ?? world.allowance.connections,
    },
    clock,
    logger,
  })

  const traffic = createTrafficServer({
    slot,
    recorder,
    services,
    guards,
    callers,
    overload,
    clock,
    random,
    logger,
    agentName: settings.name,
    healthPath: settings.healthPath,
    limits: settings.limits,
    certificates,
    isReady: () => readiness(condition()).ready,
    hasStopped: () => revokedGrace.hasStopped(),
  })
  const protection = {
    breakers: () =>
      guards
        .breakers()
        .flatMap(({ mappingId, side, state }) => (state === 'closed' ? [] : [{ mappingId, side, state }])),
    warnings: () => [
      ...guards.warnings(),
      ...callers.warnings(),
      ...(overload.refusesRequests() ? ['Overloaded: requests are refused'] : []),
      ...services.warnings(),
      ...pem.flatMap((files) => files.warnings()),
    ],
  }
  const requestsPerSecond = createRate(clock, () => totals.requests())
  const peer = createPeer({
    identity: { name: settings.name, boot, version, doors: ownPorts(settings) },
    configuration,
    emergencies,
    protection,
    outbox,
    watched,
    witness,
    offset,
    vitals: () => ({
      connections: traffic.connections(),
      inFlight: traffic.inFlight(),
      requestsPerSecond: requestsPerSecond(),
      eventLoopDelayMs: world.eventLoopDelayMs(),
      draining: isDraining,
      health: services.healthView(),
      shed: shedReport(guards),
    }),
    onWelcome: (now) => identity.linked(now),
    clock,
    send: (message) => link.send(message),
    onError,
  })
  const link: Link = createLink({ dial: admittedDial(identity, world.dialWith), peer, clock, random, logger })
  const condition = (): Condition => ({
    hasConfiguration: slot.current() !== null,
    isListening: listening !== null,
    isDraining,
    source: configuration.source(),
    revision: configuration.running()?.revision ?? null,
    link: link.state(),
    identity: identity.describe(),
    hasStopped: revokedGrace.hasStopped(),
    warnings: [
      ...configuration.warnings(),
      ...emergencies.warnings(),
      ...protection.warnings(),
      ...witness.warnings(),
    ],
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
    witness,
    metrics: { guards, callers, overload, totals, outbox, offset, traffic, link, trafficLog },
    onError,
  })

  const files: Part = {
    name: 'configuration',
    async start() {
      await identity.load()
      await emergencies.load()
      await callers.load()
      await configuration.load()
      await witness.load()
    },
    stop: () => configuration.stop(),
  }
  const closePools = async () => {
    addresses.close()
    await callers.close()
    await services.close()
  }
  const pools: Part = { name: 'services', async start() {}, stop: closePools }
  const front: Part = {
    name: 'traffic',
    async start() {
      const bound = await traffic.listen(settings.listen)
      if (settings.tls.listen !== null) await traffic.listenTls(settings.tls.listen)
      listening = bound
    },
    async stop() {
      await traffic.drain(settings.drain)
      overload.stop()
      listening = null
    },
  }
  const parts = lifecycle([
    stateDirectory(stateDir),
    ...pem,
    files,
    admin,
    ...healthServer(settings.healthListen, condition, onError),
    pools,
    identity,
    revokedGrace,
    link,
    ...numbers.parts,
    front,
  ])
  return {
    name: 'agent',
    admin,
    traffic: () => listening,
    condition,
    reopenLog: () => trafficLog?.reopen(),
    start: () => parts.start(),
    async stop() {
      isDraining = true
      link.send(peer.heartbeat())
      await parts.stop()
    },
  }
}
