import { generateKeyPairSync, randomBytes } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import path from 'node:path'
import { mappingCreateSchema } from '@crossfade/contracts/api/mappings'
import { serviceCreateSchema } from '@crossfade/contracts/api/services'
import { toAgentSchema, type FromAgent, type Running, type ToAgent } from '@crossfade/contracts/link'
import { anyNetwork } from '@crossfade/core/address-policy'
import { createLogger } from '@crossfade/runtime/logger'
import { createSigner } from '@crossfade/runtime/seal'
import { eventually } from '@crossfade/testkit/eventually'
import { manualClock } from '@crossfade/testkit/manual-clock'
import { socketPair } from '@crossfade/testkit/socket-pair'
import { testAuditKeys } from '../audit/audit-keys-for-test.ts'
import { wire } from '../control-plane.ts'
import type { Author } from '../store/author.ts'
import { openStoreForTest } from '../store/open-for-test.ts'
import type { Store } from '../store/store.ts'

/** The real control plane without HTTP: a store in memory, a manual clock, agents on fake sockets. */
export type Rig = Awaited<ReturnType<typeof openRig>>

export const maya: Author = {
  actor: { kind: 'user', id: 'maya', name: 'Maya' },
  source: 'dashboard',
  requestId: 'request-1',
}

export const startOfTime = Date.UTC(2026, 0, 1)

/** `over` puts something in front of the store, to make the database go away. */
export async function openRig(
  options: { readonly over?: (store: Store) => Store; readonly dataDir?: string } = {},
) {
  const clock = manualClock(startOfTime)
  const own = await openStoreForTest({ clock })
  const store = options.over?.(own) ?? own
  const folder = mkdtempSync(path.join(tmpdir(), 'crossfade-rig-'))
  const { privateKey } = generateKeyPairSync('ed25519')
  const signer = createSigner(privateKey.export({ type: 'pkcs8', format: 'pem' }).toString())
  const keys = { signer, chain: [{ publicKey: signer.publicKey, signature: null }] }
  let ids = 0
  const world = {
    clock,
    random: (bytes: number) => randomBytes(bytes),
    newId: () => `id-${++ids}`,
    logger: createLogger('rig', 'silent'),
  }
  const publicUrl = 'http://crossfade.test:4400'
  const settings = { dataDir: options.dataDir ?? folder, auditRetentionDays: null, publicUrl }
  const base = {
    store,
    keys,
    auditKeys: testAuditKeys,
    settings,
    ownDoors: { heard: () => {}, policy: anyNetwork },
  }
  const parts = wire(world, base)
  await parts.running.start()

  const token = await own.prisma.agentToken.create({
    data: { environmentId: 'default', name: 'a token', secretHash: 'x', createdBy: 'maya' },
  })
  const service = (name: string, instance: string) =>
    parts.acts.services.create(maya, serviceCreateSchema.parse({ name, instances: [instance] }))
  const legacy = await service('legacy', 'http://10.0.0.7')
  const next = await service('new', 'http://10.0.0.8')
  let boots = 0
  const sockets: ReturnType<typeof socketPair>[0][] = []
  const published = () => parts.publisher.current('default')!
  return {
    ...parts,
    store,
    clock,
    signer,
    published,
    /** Waits until the store's newest revision is published. */
    async settled() {
      const { revision } = await store.prisma.environment.findUniqueOrThrow({ where: { id: 'default' } })
      await eventually(() => published().header.revision >= revision, `revision ${revision}`)
      return published()
    },
    /** Between the two services, at 0 %. */
    async mapping(name: string, groupId?: string) {
      return parts.acts.mappings.create(
        maya,
        mappingCreateSchema.parse({
          name,
          match: { path: { kind: 'exact', path: `/${name}` } },
          legacy: { serviceId: legacy.id },
          new: { serviceId: next.id },
          split: groupId === undefined ? { kind: 'own' } : { kind: 'group', groupId },
        }),
      )
    },
    /** The same house after a restart: another set of parts over the same store and folder. */
    wireAgain: () => wire(world, base),
    connect: (name: string, tokenId = token.id, boot?: string, hub = parts.hub) => {
      const [theirs, ours] = socketPair()
      sockets.push(theirs)
      const joined = joinByHand(own, name, tokenId)
      const accepted = joined.then(({ id }) => {
        hub.accept(ours, {
          agentId: id,
          credentialId: 'by-hand',
          tokenId,
          environmentId: 'default',
          name,
        })
      })
      return agentOn(theirs, name, boot ?? `boot-${++boots}`, accepted)
    },
    /** Ends every link, so that the next test starts without agents. */
    async disconnect() {
      for (const socket of sockets.splice(0)) socket.close()
      await eventually(() => parts.fleet.online('default').length === 0, 'every link is gone')
    },
    async close() {
      parts.sayGoodbye()
      let stopped = false
      const stopping = parts.running.stop().finally(() => (stopped = true))
      // Parts wait a little for what is under way.
      await eventually(() => {
        clock.advance(1_000)
        return stopped
      }, 'everything stops')
      await stopping
      await own.close()
      rmSync(folder, { recursive: true, force: true })
    },
  }
}

/** As if it had come with a token; keys play no part behind the door. */
async function joinByHand(store: Store, name: string, tokenId: string) {
  const who = { environmentId: 'default', name }
  return store.prisma.agent.upsert({
    where: { environmentId_name: who },
    create: { ...who, tokenId },
    update: { tokenId, revokedAt: null, retiredAt: null },
  })
}

export type FakeAgent = ReturnType<typeof agentOn>
type Frame<T extends ToAgent['type']> = Extract<ToAgent, { type: T }>

/** The other end of a link, played by hand. */
function agentOn(
  socket: ReturnType<typeof socketPair>[0],
  name: string,
  boot: string,
  accepted: Promise<void>,
) {
  const frames: ToAgent[] = []
  let closed: { readonly code: number; readonly reason: string } | null = null
  socket.on('message', (data) => frames.push(toAgentSchema.parse(JSON.parse(data.toString()))))
  socket.on('close', (code, reason) => {
    closed = { code, reason: reason.toString() }
  })

  const say = (frame: FromAgent) => void accepted.then(() => socket.send(JSON.stringify(frame)))
  /** Takes the next frame of a type, leaving others where they are. */
  const next = <T extends ToAgent['type']>(type: T): Promise<Frame<T>> =>
    eventually(() => {
      const index = frames.findIndex((frame) => frame.type === type)
      return index >= 0 && (frames.splice(index, 1)[0] as Frame<T>)
    }, `${name} gets ${type}`)

  return {
    name,
    boot,
    socket,
    frames,
    /** The control plane has taken the socket on. */
    accepted,
    say,
    next,
    closed: () => closed,
    ended: () => eventually(() => closed, `the link of ${name} ends`),
    hello(about: Partial<Extract<FromAgent, { type: 'hello' }>> = {}) {
      say({
        type: 'hello',
        protocol: 1,
        name,
        boot,
        version: '1.0.0',
        running: null,
        source: 'none',
        emergencies: [],
        ...about,
      })
    },
    beat(about: Partial<Extract<FromAgent, { type: 'heartbeat' }>> = {}) {
      say({
        type: 'heartbeat',
        at: startOfTime,
        running: null,
        overlayRevision: null,
        emergencies: [],
        connections: 0,
        inFlight: 0,
        requestsPerSecond: 0,
        eventLoopDelayMs: 0,
        draining: false,
        health: {},
        warnings: [],
        ...about,
      })
    },
    /** Answers a push: it is in force. */
    ack(push: Frame<'snapshot' | 'delta'>): Running {
      const running = runningOf(push)
      say({ type: 'ack', nonce: push.nonce, stage: 'applied', running })
      return running
    },
    nack(
      push: Frame<'snapshot' | 'delta'>,
      phase: Extract<FromAgent, { type: 'nack' }>['phase'],
      running: Running | null,
    ) {
      const errors = [{ path: 'mappings.0', message: 'refused by the test' }]
      say({ type: 'nack', nonce: push.nonce, phase, errors, running })
    },
  }
}

/** What an agent runs after applying a push. */
export function runningOf(push: Frame<'snapshot' | 'delta'>): Running {
  const { header } = push.type === 'snapshot' ? push.snapshot : push.delta
  const { epoch, revision, hash } = JSON.parse(header) as Running
  return { epoch, revision, hash }
}
