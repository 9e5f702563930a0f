import { readFileSync } from 'node:fs'
import path from 'node:path'
import { Registry } from '@prometheus-io/client'
import { Problem } from '@crossfade/contracts/problems'
import { doorsOf, type Door } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import { lifecycle, type Part } from '@crossfade/runtime/lifecycle'
import { localAddresses } from '@crossfade/runtime/local-addresses'
import type { Logger } from '@crossfade/runtime/logger'
import { doorOfUrl } from '@crossfade/runtime/settings'
import { createActs } from './acts/acts.ts'
import { createAudit } from './audit/audit.ts'
import { openAuditKeys, type AuditKeys } from './audit/audit-keys.ts'
import { createCheckpoints } from './audit/checkpoints.ts'
import { auditRetention } from './audit/retention.ts'
import { createWitnesses } from './audit/witnesses.ts'
import { buildHttp } from './http/build-http.ts'
import { createLocalDoor } from './http/local-door.ts'
import { createServerTls } from './http/server-tls.ts'
import { createEmergencyRecorder } from './link/emergencies.ts'
import { createEpochs } from './link/epochs.ts'
import { createFleet } from './link/fleet.ts'
import { createHub } from './link/hub.ts'
import { createOwnDoors, type OwnDoors } from './link/own-doors.ts'
import { createLiveFeed } from './live/feed.ts'
import { createNotifications } from './notifications/notifications.ts'
import { createPeople, type People } from './people/people.ts'
import type { Published } from './publish/published.ts'
import { createPublisher } from './publish/publisher.ts'
import { openSigningKeys, type SigningKeys } from './publish/signing-keys.ts'
import { createRampRunner } from './ramps/runner.ts'
import { watchRamps } from './ramps/watch-ramps.ts'
import { openJournal } from './rollback/journal.ts'
import { sealZeros } from './rollback/overlays.ts'
import { createPendingRollBacks } from './rollback/pending.ts'
import { createRollBack } from './rollback/roll-back.ts'
import { countBatches } from './series/count-batches.ts'
import { createIntake } from './series/intake.ts'
import { pruning } from './series/prune.ts'
import { createSeriesReader } from './series/read.ts'
import { createRecentSeconds } from './series/recent-seconds.ts'
import type { ControlPlaneSettings } from './settings.ts'
import { auditMacOf, chainEnd, firstSeq } from './store/audit-rows.ts'
import { mappingShares } from './store/fleet-shares.ts'
import { openStore } from './store/open.ts'
import { loadSnapshot } from './store/snapshot.ts'
import type { Store } from './store/store.ts'

/** What comes from outside. `main.ts` brings real time and chance; a test brings its own. */
export interface World {
  readonly clock: Clock
  readonly random: (bytes: number) => Uint8Array
  readonly newId: () => string
  readonly logger: Logger
}

export interface ControlPlane extends Part {
  readonly people: People
  /** Where it listens, once started. */
  address(): string
}

/** The control plane with its door: everything below, and HTTP in front of it. */
export async function openControlPlane(world: World, settings: ControlPlaneSettings): Promise<ControlPlane> {
  const { clock, logger } = world
  const tls = settings.tls && createServerTls(settings.tls, clock, logger)
  await tls?.files.start()
  const keys = openSigningKeys(settings.dataDir, settings)
  const auditKeys = openAuditKeys(settings.dataDir, settings)
  const store = await openStore({ ...settings, auditKeys, clock, logger })
  const { publicUrl, credentialLifeMs } = settings
  const people = createPeople({ store, clock, publicUrl, keys: keys.chain, credentialLifeMs })
  const ownDoors = createOwnDoors(settings.allowNetworks, doorsOfControlPlane(settings))
  const inner = wire(world, { store, keys, auditKeys, settings, ownDoors })
  const { app } = await buildHttp({
    ...inner,
    store,
    people,
    link: inner.hub,
    settings,
    clock,
    logger,
    version,
    dashboardDir: settings.dashboardDir ?? dashboardBeside,
    tls,
    metrics: new Registry(),
  })
  const localDoor = createLocalDoor(app, path.join(settings.dataDir, 'local.sock'), logger)
  const running = lifecycle([
    part('certificates', { stop: () => tls?.files.stop() }),
    part('store', { stop: () => store.close() }),
    inner.running,
    // Before `/readyz` can be asked: who is told that we are ready finds every door open.
    part('local door', {
      start: async () => {
        await app.ready()
        await localDoor.start()
      },
      stop: () => localDoor.stop(),
    }),
    part('listening', {
      start: () => app.listen({ host: settings.host, port: settings.port }),
      stop: () => app.close(),
    }),
    part('goodbyes', { stop: inner.sayGoodbye }),
  ])
  return { ...running, people, address: () => publicUrl }
}

/**
 * The wiring diagram, top to bottom: each line uses the lines above it. Two wires run back, as functions called
 * only when everything stands: what to do before a snapshot is loaded, and when the database went back.
 */
export function wire(
  world: World,
  base: {
    readonly store: Store
    readonly keys: SigningKeys
    readonly auditKeys: AuditKeys
    readonly settings: Pick<ControlPlaneSettings, 'dataDir' | 'auditRetentionDays' | 'publicUrl'>
    readonly ownDoors: OwnDoors
  },
) {
  const { clock, logger, newId } = world
  const { store, keys, settings } = base
  const { signer } = keys
  const acts = createActs({ store, clock, random: world.random, addresses: base.ownDoors.policy })
  const checkpoints = createCheckpoints({ end: () => store.read(chainEnd), signer, clock, logger })
  const witnesses = createWitnesses({
    macOf: (seq) => store.read((db) => auditMacOf(db, seq)),
    firstSeq: () => store.read(firstSeq),
    publicKeys: keys.chain.map(({ publicKey }) => publicKey),
    logger,
  })
  const audit = createAudit({ store, keys: base.auditKeys, witnesses, publicKeys: keys.chain })
  const publisher = createPublisher({
    load: (id) => loadSnapshot(store, id).catch(nullIfGone),
    environmentIds: async () =>
      (await acts.environments.list({ among: 'all', limit: 500 })).items.map(({ id }) => id),
    onRevision: (listener) => store.onRevision(listener),
    beforeLoad: (id) => rollBack.replay(id),
    onWentBack: ({ environmentId, header }) => epochs.wentBack(environmentId, header),
    auditCheckpoint: () => checkpoints.current(),
    keys,
    clock,
    logger,
  })
  const epochs = createEpochs({ store, publisher, newId, logger })
  const fleet = createFleet({ store, publisher, newId, clock, logger })
  const recent = createRecentSeconds(clock)
  const intake = createIntake({
    count: (batches) => countBatches(store, clock, batches),
    mappingsOf: (id) => mappingIdsOf(publisher.current(id)),
    recent,
    clock,
    logger,
  })
  const pending = createPendingRollBacks(publisher, signer)
  const hub = createHub({
    publisher,
    fleet,
    stats: intake,
    epochs,
    emergencies: createEmergencyRecorder({ store, logger }),
    pendingOverlay: (id) => pending.overlay(id),
    zerosOf: (id) => sealZeros(publisher.current(id), signer),
    auditCheckpoint: () => checkpoints.current(),
    witnesses,
    ownDoors: base.ownDoors,
    newId,
    clock,
    logger,
  })
  const rollBack = createRollBack({
    acts: acts.shares,
    hub,
    publisher,
    pending,
    journal: openJournal(path.join(settings.dataDir, 'roll-backs.jsonl')),
    signer,
    newId,
    clock,
    logger,
  })
  const live = createLiveFeed({
    publisher,
    fleet,
    hub,
    recent,
    changes: async (environmentId, limit) =>
      (await acts.changes.list({ among: [environmentId], limit })).items,
    shares: (id) => store.read((db) => mappingShares(db, id)),
    version,
    clock,
    logger,
  })
  const mappingCount = (id: string) => publisher.current(id)?.snapshot.mappings.length ?? 0
  const series = createSeriesReader({ store, clock, mappingCount })
  const notifications = createNotifications({
    store,
    keys: base.auditKeys,
    addresses: base.ownDoors.policy,
    publicUrl: settings.publicUrl,
    version,
    newId,
    random: world.random,
    clock,
    logger,
  })

  // Listeners stand before the publisher's first snapshot; an overlay goes out before the snapshot it outlives, which
  // would otherwise drop the one before it and let traffic back for a moment.
  const running = lifecycle([
    checkpoints,
    part('fleet', fleet),
    part('numbers', intake),
    part('roll back', rollBack),
    part('hub', { start: () => hub.start() }),
    part('live feed', { start: () => live.start() }),
    part('publisher', publisher),
    pruning({ store, clock, logger }),
    watchRamps({ store, hub, clock, logger }),
    createRampRunner({ store, leadership: store.leadership(), clock, logger }),
    auditRetention({ store, days: settings.auditRetentionDays, clock, logger }),
    notifications.running,
  ])
  const sayGoodbye = () => {
    live.stop()
    hub.stop()
  }
  const { webhooks } = notifications
  return { acts, webhooks, audit, publisher, fleet, hub, rollBack, live, series, running, sayGoodbye }
}

/** Where this process and its database listen: no service may be there. */
function doorsOfControlPlane({ host, port, publicUrl, databaseUrl }: ControlPlaneSettings): readonly Door[] {
  const urls = databaseUrl === null ? [publicUrl] : [publicUrl, databaseUrl]
  return [...doorsOf({ host, port }, localAddresses()), ...urls.map(doorOfUrl)]
}

const version = (
  JSON.parse(readFileSync(new URL('../package.json', import.meta.url), 'utf8')) as { version: string }
).version

const dashboardBeside = path.join(import.meta.dirname, '../../dashboard/dist')

function part(name: string, jobs: { readonly start?: () => unknown; readonly stop?: () => unknown }): Part {
  return {
    name,
    start: async () => void (await jobs.start?.()),
    stop: async () => void (await jobs.stop?.()),
  }
}

function nullIfGone(error: unknown): null {
  if (error instanceof Problem && error.code === 'not_found') return null
  throw error
}

const idsOf = new WeakMap<Published['snapshot'], ReadonlySet<string>>()

function mappingIdsOf(published: Published | null): ReadonlySet<string> | null {
  if (published === null) return null
  const known = idsOf.get(published.snapshot)
  if (known) return known
  const ids = new Set(published.snapshot.mappings.map(({ id }) => id))
  idsOf.set(published.snapshot, ids)
  return ids
}
