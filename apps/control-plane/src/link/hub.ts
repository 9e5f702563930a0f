import { linkEnds, type FromAgent, type ToAgent } from '@crossfade/contracts/link'
import type { SignedOverlay } from '@crossfade/contracts/snapshot'
import type { StatsBatch } from '@crossfade/contracts/stats'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Witnesses } from '../audit/witnesses.ts'
import type { Publisher } from '../publish/published.ts'
import { createConvergenceWatch } from './convergence.ts'
import type { EmergencyRecorder } from './emergencies.ts'
import type { Epochs } from './epochs.ts'
import type { NoLink, RunningFleet } from './fleet.ts'
import type { Admitted, Hub, Watcher } from './hub-types.ts'
import { shakeHands } from './handshake.ts'
import type { LinkSocket } from './link-socket.ts'
import { afterBeat, type Hello, type LiveAgent } from './live-agent.ts'
import { createMember, type Member } from './member.ts'
import type { OwnDoors } from './own-doors.ts'
import { afterHeartbeat, pushStateOf } from './push-state.ts'
import { closeCodes, type Socket } from './socket.ts'

export interface HubParts {
  readonly publisher: Publisher
  readonly fleet: RunningFleet
  readonly stats: StatsTaker
  readonly epochs: Epochs
  readonly emergencies: EmergencyRecorder
  /** Roll backs that no snapshot carries yet; they follow each welcome. */
  readonly pendingOverlay: (environmentId: string) => PendingOverlay | null
  /** What the current snapshot sets to 0, for an agent that refused that snapshot. */
  readonly zerosOf: (environmentId: string) => PendingOverlay | null
  /** The newest signed end of the audit trail. */
  readonly auditCheckpoint: () => string | null
  readonly witnesses: Pick<Witnesses, 'heard'>
  readonly ownDoors: Pick<OwnDoors, 'heard'>
  readonly newId: () => string
  readonly clock: Clock
  readonly logger: Logger
}

export interface PendingOverlay {
  readonly signed: SignedOverlay
  readonly revision: number
}

export interface StatsTaker {
  /** False when there is no room; then the agent keeps the batch and sends it again. */
  offer(
    from: { readonly agentId: string; readonly environmentId: string; readonly name: string },
    batch: StatsBatch,
    onCounted: () => void,
  ): boolean
}

export interface RunningHub extends Hub {
  start(): void
  stop(): void
}

/** A link after its hello. */
interface Session {
  readonly admitted: Admitted
  readonly link: LinkSocket
  readonly member: Member
  agent: LiveAgent
}

const checkEveryMs = 3_000
const noLink = {
  revoked: { code: linkEnds.revoked, reason: 'The agent was revoked' },
  replaced: { code: linkEnds.replaced, reason: 'Replaced by a newer link of this agent' },
  duplicate: { code: linkEnds.duplicate, reason: 'Another process with this identity is connected' },
} as const
/** A longer list is no frame to an agent: it would end the link. */
const mostWatched = 1_000

/** Every agent's link: newest snapshot down, acks, heartbeats, numbers and emergencies up. */
export function createHub(parts: HubParts): RunningHub {
  const { publisher, fleet, clock, logger, newId } = parts
  const sessions = new Map<string, Session>()
  const watched = new Map<string, Watching>()
  const convergence = createConvergenceWatch({ fleet, publisher, clock })
  const stops: (() => void)[] = []

  const inEnvironment = (environmentId: string) =>
    [...sessions.values()].filter((session) => session.agent.environmentId === environmentId)

  const show = (session: Session, change: Partial<LiveAgent>) => {
    session.agent = { ...session.agent, ...change }
    convergence.heard(session.agent.environmentId)
    fleet.update(session.agent)
  }

  const accept = (socket: Socket, admitted: Admitted) =>
    shakeHands(socket, { clock, logger }, async (link, hello) => {
      const { environmentId } = admitted
      const published = publisher.current(environmentId) ?? (await publisher.newest(environmentId))
      if (published === null) {
        link.end(closeCodes.policy, 'The environment is gone')
        return null
      }
      const agent = await fleet.join(admitted, hello, (frame) => link.send(frame))
      if (typeof agent === 'string') {
        logger.warn({ agent: admitted.name, boot: hello.boot }, noLink[agent].reason)
        link.end(noLink[agent].code, noLink[agent].reason)
        return null
      }
      parts.ownDoors.heard(agent.id, hello.doors ?? [])
      replace(agent, hello)
      const session: Session = { admitted, link, agent, member: memberOf(link, agent) }
      sessions.set(agent.id, session)
      welcome(session)
      return {
        onFrame: (frame) => receive(session, frame),
        onEnd: (reason) => leave(session, reason),
      }
    })

  const memberOf = (link: LinkSocket, agent: LiveAgent): Member =>
    createMember({
      environmentId: agent.environmentId,
      start: pushStateOf(agent.running, agent.refused),
      link,
      publisher,
      clock,
      newId,
    })

  const replace = (agent: LiveAgent, hello: Hello) => {
    const older = sessions.get(agent.id)
    if (!older) return
    logger.warn({ agent: agent.name, boot: hello.boot }, 'Another link of this agent replaces the one before')
    sessions.delete(agent.id)
    older.member.stop()
    older.link.end(noLink.replaced.code, noLink.replaced.reason)
  }

  const welcome = (session: Session) => {
    const { agent, link, member } = session
    logger.info({ agent: agent.name, running: agent.running, version: agent.version }, 'An agent is online')
    link.send({
      type: 'welcome',
      agentId: agent.id,
      environmentId: agent.environmentId,
      now: clock.now(),
      keys: publisher.keys,
    })
    const pending = parts.pendingOverlay(agent.environmentId)
    if (pending) sendOverlayTo(session, pending.signed)
    const mappingIds = watchedIn(watched.get(agent.environmentId))
    if (mappingIds.length > 0) link.send({ type: 'watch', mappingIds })
    suspect(session)
    member.pump()
    if (agent.refusal) sendZeros(session)
    void parts.emergencies.seen(agent, agent.emergencies)
    convergence.tell(agent.environmentId)
  }

  const leave = (session: Session, reason: string) => {
    session.member.stop()
    if (sessions.get(session.agent.id) !== session) return
    sessions.delete(session.agent.id)
    logger.info({ agent: session.agent.name, reason }, 'An agent is offline')
    fleet.leave(session.agent)
    convergence.tell(session.agent.environmentId)
  }

  const receive = (session: Session, frame: FromAgent) => {
    switch (frame.type) {
      case 'hello':
        return session.link.end(closeCodes.policy, 'Hello was said before')
      case 'ack':
        // The disk may catch up after the next snapshot is in force: only `applied` says what runs.
        if (frame.stage === 'persisted') return show(session, seenNow())
        return answered(session, frame)
      case 'nack':
        return answered(session, frame)
      case 'overlay-ack':
        show(session, { overlayRevision: frame.revision, ...seenNow() })
        return convergence.tell(session.agent.environmentId, frame.revision)
      case 'stats':
        return counted(session, frame.batch)
      case 'heartbeat':
        return beaten(session, frame)
    }
  }

  const seenNow = () => ({ lastSeenAt: clock.now() })

  const answered = (session: Session, answer: Extract<FromAgent, { type: 'ack' | 'nack' }>) => {
    const target = session.member.state().outstanding
    session.member.answered(answer)
    const { running, refused } = session.member.state()
    if (answer.type === 'ack') {
      show(session, { running, refusal: null, refused: null, ...seenNow() })
    } else if (target?.nonce === answer.nonce && refused !== null) {
      logger.warn(
        { agent: session.agent.name, refused, phase: answer.phase, errors: answer.errors },
        'An agent refused a snapshot and keeps the one it has',
      )
      const refusal = { at: new Date(clock.now()).toISOString(), phase: answer.phase, errors: answer.errors }
      show(session, { running, refusal, refused, ...seenNow() })
      sendZeros(session)
      suspect(session)
    }
    convergence.tell(session.agent.environmentId)
  }

  /** Roll backs reach also an agent that is stuck on a refused snapshot (rule 19). */
  const sendZeros = (session: Session) => {
    const zeros = parts.zerosOf(session.agent.environmentId)
    if (zeros) sendOverlayTo(session, zeros.signed)
  }

  const counted = (session: Session, batch: StatsBatch) => {
    const { id: agentId, environmentId, name } = session.agent
    const ack: ToAgent = { type: 'stats-ack', boot: batch.boot, seq: batch.seq }
    const taken = parts.stats.offer({ agentId, environmentId, name }, batch, () => session.link.send(ack))
    if (!taken) session.link.end(closeCodes.tryLater, 'No room for numbers now')
  }

  const beaten = (session: Session, beat: Extract<FromAgent, { type: 'heartbeat' }>) => {
    const now = clock.now()
    const { member } = session
    session.link.send({
      type: 'heartbeat-reply',
      echo: beat.at,
      now,
      auditCheckpoint: parts.auditCheckpoint(),
    })
    member.setState(afterHeartbeat(member.state(), beat.running))
    show(session, { ...afterBeat(session.agent, beat, now), lastSeenAt: now })
    void parts.emergencies.seen(session.agent, beat.emergencies)
    void parts.witnesses.heard(session.agent.name, beat.auditCheckpoint)
    suspect(session)
    member.pump()
  }

  const suspect = ({ agent }: Session) => {
    parts.epochs.check(agent.environmentId, agent.name, agent.running).catch((error: unknown) => {
      logger.warn({ err: error, agent: agent.name }, 'The epoch could not be checked')
    })
  }

  const sendOverlayTo = (session: Session, signed: SignedOverlay) => {
    session.link.send({ type: 'overlay', nonce: newId(), signed })
  }

  const drop = (which: (session: Session) => boolean, why: NoLink) => {
    for (const session of sessions.values()) {
      if (which(session)) session.link.end(noLink[why].code, noLink[why].reason)
    }
  }
  const dropAgent = (agentId: string) => drop(({ agent }) => agent.id === agentId, 'revoked')

  return {
    accept,
    dropAgent,
    dropToken: (tokenId) => drop(({ admitted }) => admitted.tokenId === tokenId, 'revoked'),
    converged: (environmentId, revision) => convergence.look(environmentId, revision),
    sendOverlay(environmentId, signed, revision) {
      convergence.accepted(environmentId, revision)
      for (const session of inEnvironment(environmentId)) sendOverlayTo(session, signed)
      convergence.tell(environmentId, revision)
    },
    watch(environmentId, mappingIds, who) {
      const watching = { ...watched.get(environmentId), [who]: mappingIds }
      watched.set(environmentId, watching)
      const most = watchedIn(watching)
      for (const { link } of inEnvironment(environmentId)) {
        link.send({ type: 'watch', mappingIds: most })
      }
    },
    onConvergence: (listener) => convergence.onChange(listener),
    start() {
      const checkLinks = async () => {
        if (sessions.size === 0) return
        for (const { agent: over, why } of await fleet.ended()) {
          drop(({ agent }) => agent.id === over.id && agent.connectedAt === over.connectedAt, why)
        }
      }
      stops.push(
        publisher.onPublished(({ environmentId, header, acceptedAt }) => {
          convergence.accepted(environmentId, header.revision, acceptedAt)
          for (const { member } of inEnvironment(environmentId)) member.pump()
          convergence.tell(environmentId)
        }),
        every(clock, checkEveryMs, checkLinks, (error) =>
          logger.debug({ err: error }, 'Links were not checked'),
        ),
        fleet.onEnded(dropAgent),
      )
    },
    stop() {
      for (const stop of stops) stop()
      convergence.stop()
      for (const { link } of sessions.values()) link.end(closeCodes.goingAway, 'The control plane stops')
    },
  }
}

type Watching = Partial<Record<Watcher, readonly string[]>>

/** Ramps first: they need it to go on. */
function watchedIn({ ramps = [], screens = [] }: Watching = {}): string[] {
  return [...new Set([...ramps, ...screens])].slice(0, mostWatched)
}
