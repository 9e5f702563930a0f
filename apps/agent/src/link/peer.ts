import {
  linkProtocol,
  maxFrameBytes,
  type BreakerState,
  type Emergency,
  type FromAgent,
  type ToAgent,
} from '@crossfade/contracts/link'
import type { Door } from '@crossfade/core/address-policy'
import type { Clock } from '@crossfade/runtime/clock'
import type { Configuration } from '../config/configuration.ts'
import type { SnapshotMessage } from '../config/receive-snapshot.ts'
import type { Emergencies } from '../emergency/emergencies.ts'
import type { Outbox } from '../stats/outbox.ts'
import type { Watched } from '../stats/watched.ts'
import type { Witness } from '../witness/witness.ts'
import type { ClockOffset } from './clock-offset.ts'
import type { LinkPeer } from './link.ts'

const mostEmergencyBytes = maxFrameBytes.toControlPlane / 2

export interface AgentIdentity {
  readonly name: string
  /** New at each start of the process. */
  readonly boot: string
  readonly version: string
  /** Where this agent listens for people and orchestrators. */
  readonly doors: readonly Door[]
}

/** How the process is doing, for the fleet page. */
export type Vitals = Pick<
  Extract<FromAgent, { type: 'heartbeat' }>,
  'connections' | 'inFlight' | 'requestsPerSecond' | 'eventLoopDelayMs' | 'draining' | 'health' | 'shed'
>

export interface PeerParts {
  readonly identity: AgentIdentity
  readonly configuration: Configuration
  readonly emergencies: Emergencies
  /** What protects services and this agent, as it stands. */
  readonly protection: { warnings(): readonly string[]; breakers(): readonly BreakerState[] }
  readonly outbox: Outbox
  readonly watched: Watched
  readonly witness: Witness
  readonly offset: ClockOffset
  readonly vitals: () => Vitals
  /** The control plane is the one we joined; `now` is its clock. */
  readonly onWelcome: (now: number) => void
  readonly clock: Clock
  readonly send: (message: FromAgent) => boolean
  /** Failures of acts that a frame began and that end later. */
  readonly onError: (error: unknown) => void
}

/** What this agent says on its link, and what it does with what it hears. */
export function createPeer(parts: PeerParts): LinkPeer {
  const { identity, configuration, emergencies, outbox, offset, witness, clock, send } = parts
  let beatAt: number | null = null

  const onSnapshot = (nonce: string, message: SnapshotMessage) => {
    const answer = configuration.receive(message)
    const running = configuration.running()
    witness.see(configuration.base()?.header.auditCheckpoint ?? null)
    if (answer.kind === 'refuse') {
      send({ type: 'nack', nonce, phase: answer.phase, errors: fitting(answer.errors), running })
      return
    }
    if (!running) return
    send({ type: 'ack', nonce, stage: 'applied', running })
    answer.persisted
      .then(() => send({ type: 'ack', nonce, stage: 'persisted', running }))
      .catch(parts.onError)
  }

  return {
    hello: () => ({
      type: 'hello',
      protocol: linkProtocol,
      ...identity,
      doors: identity.doors.slice(0, 200),
      running: configuration.running(),
      source: configuration.source(),
      emergencies: reported(emergencies.list()),
    }),
    heartbeat() {
      beatAt = clock.now()
      const auditCheckpoint = witness.newest()
      return {
        type: 'heartbeat',
        at: beatAt,
        running: configuration.running(),
        overlayRevision: newestOf(configuration.overlays()),
        emergencies: reported(emergencies.list()),
        ...parts.vitals(),
        ...(auditCheckpoint !== null && { auditCheckpoint }),
        breakers: parts.protection.breakers().slice(0, 1000),
        warnings: [
          ...configuration.warnings(),
          ...emergencies.warnings(),
          ...parts.protection.warnings(),
          ...witness.warnings(),
        ]
          .map((warning) => warning.slice(0, 500))
          .slice(0, 20),
      }
    },
    welcome(message) {
      const isOurs = configuration.trust(message)
      if (isOurs) parts.onWelcome(message.now)
      return isOurs
    },
    up: () => outbox.connected(),
    receive(message) {
      switch (message.type) {
        case 'snapshot':
          return onSnapshot(message.nonce, { kind: 'whole', whole: message.snapshot })
        case 'delta':
          return onSnapshot(message.nonce, { kind: 'delta', delta: message.delta })
        case 'overlay':
          return onOverlay(message, parts)
        case 'stats-ack':
          if (message.boot === identity.boot) outbox.acknowledged(message.seq)
          return
        case 'heartbeat-reply':
          witness.see(message.auditCheckpoint)
          if (message.echo !== beatAt) return
          offset.measured({ sent: message.echo, received: clock.now(), theirs: message.now })
          return
        case 'watch':
          return parts.watched.set(message.mappingIds)
        case 'clear-emergency':
          emergencies.clear(message.id).catch(parts.onError)
          return
        case 'welcome':
          return
      }
    },
  }
}

function onOverlay(
  { nonce, signed }: Extract<ToAgent, { type: 'overlay' }>,
  { configuration, send }: Pick<PeerParts, 'configuration' | 'send'>,
): void {
  const answer = configuration.overlay(signed)
  const running = configuration.running()
  if (answer.kind === 'in-force') {
    send({ type: 'overlay-ack', nonce, revision: answer.overlay.revision, running })
  } else send({ type: 'nack', nonce, phase: 'integrity', errors: fitting([answer.error]), running })
}

function newestOf(overlays: readonly { readonly revision: number }[]): number | null {
  return overlays.length === 0 ? null : Math.max(...overlays.map(({ revision }) => revision))
}

/** The newest that fit into a frame: all stay in force, and a frame too large would end the link. */
function reported(emergencies: readonly Emergency[]): Emergency[] {
  let bytes = 0
  const fit = emergencies.toReversed().filter((emergency) => {
    bytes += JSON.stringify(emergency).length
    return bytes <= mostEmergencyBytes
  })
  return fit.toReversed()
}

/** As much as the contract lets through. */
function fitting(errors: readonly { readonly path: string; readonly message: string }[]) {
  return errors.slice(0, 100).map(({ path, message }) => ({
    path: path.slice(0, 500),
    message: message.slice(0, 1000),
  }))
}
