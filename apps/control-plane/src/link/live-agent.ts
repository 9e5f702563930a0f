import { z } from 'zod'
import { agentViewSchema, type AgentView } from '@crossfade/contracts/api/agents'
import type { Emergency, FromAgent, Running } from '@crossfade/contracts/link'
import type { AgentRow, AgentWithCredential } from '../store/fleet.ts'

export type Hello = Extract<FromAgent, { type: 'hello' }>
export type Heartbeat = Extract<FromAgent, { type: 'heartbeat' }>
export type Refusal = NonNullable<AgentView['refusal']>

/** What an agent's link says of it now. Replaced, never edited. */
export interface LiveAgent {
  readonly id: string
  readonly environmentId: string
  readonly name: string
  readonly boot: string
  readonly version: string
  readonly connectedAt: number
  readonly lastSeenAt: number
  readonly running: Running | null
  readonly overlayRevision: number | null
  readonly refusal: Refusal | null
  /** What was refused, so that a link that comes back is not offered the same again. */
  readonly refused: Running | null
  /** Agent's clock minus ours with each heartbeat's way included, newest last. */
  readonly offsets: readonly number[]
  readonly heartbeat: Heartbeat | null
  readonly emergencies: readonly Emergency[]
}

export type KnownIdentity = Pick<AgentView, 'joinedAt' | 'credential' | 'duplicateAt'>

/** What the database says of who the agent is. */
export function identityOf(row: AgentWithCredential): KnownIdentity {
  const [newest] = row.credentials
  return {
    joinedAt: row.joinedAt?.toISOString() ?? null,
    credential: newest
      ? { issuedAt: newest.issuedAt.toISOString(), expiresAt: newest.expiresAt.toISOString() }
      : null,
    duplicateAt: row.duplicateAt?.toISOString() ?? null,
  }
}

/** Stored with the agent, for the fleet page while it is away. */
export const agentStatusSchema = agentViewSchema
  .pick({ running: true, refusal: true, overlayRevision: true, clockOffsetMs: true, health: true })
  .extend({
    emergencies: agentViewSchema.shape.emergencies,
    warnings: agentViewSchema.shape.warnings,
    boot: z.string(),
    refused: agentViewSchema.shape.running,
  })
export type AgentStatus = z.infer<typeof agentStatusSchema>

const offsetsKept = 8

export function afterBeat(agent: LiveAgent, heartbeat: Heartbeat, now: number): LiveAgent {
  return {
    ...agent,
    heartbeat,
    running: heartbeat.running,
    overlayRevision: heartbeat.overlayRevision,
    emergencies: heartbeat.emergencies,
    offsets: [...agent.offsets, heartbeat.at - now].slice(-offsetsKept),
  }
}

/** Each sample is the offset less the frame's way here, so the largest is nearest to the truth. */
export function clockOffsetOf(agent: LiveAgent): number | null {
  return agent.offsets.length === 0 ? null : Math.max(...agent.offsets)
}

export function statusOf(agent: LiveAgent): AgentStatus {
  return {
    boot: agent.boot,
    running: agent.running,
    refusal: agent.refusal,
    refused: agent.refused,
    overlayRevision: agent.overlayRevision,
    clockOffsetMs: clockOffsetOf(agent),
    health: agent.heartbeat?.health ?? {},
    emergencies: [...agent.emergencies],
    warnings: agent.heartbeat?.warnings ?? [],
  }
}

type Expected = AgentView['expected']

export function viewOfLive(agent: LiveAgent, identity: KnownIdentity, expected: Expected): AgentView {
  const beat = agent.heartbeat
  return {
    ...statusFields(statusOf(agent)),
    id: agent.id,
    environmentId: agent.environmentId,
    name: agent.name,
    version: agent.version,
    state: 'online',
    connectedAt: new Date(agent.connectedAt).toISOString(),
    lastSeenAt: new Date(agent.lastSeenAt).toISOString(),
    ...identity,
    expected,
    inStep: isInStep(agent.running, expected),
    requestsPerSecond: beat?.requestsPerSecond ?? null,
    connections: beat?.connections ?? null,
    inFlight: beat?.inFlight ?? null,
    eventLoopDelayMs: beat?.eventLoopDelayMs ?? null,
    draining: beat?.draining ?? false,
    breakers: beat?.breakers ?? [],
    shed: beat?.shed ?? [],
  }
}

/** An agent without a link: what it said last. */
export function viewOfStored(row: AgentWithCredential, expected: Expected): AgentView {
  const status = storedStatus(row)
  return {
    ...statusFields(status),
    id: row.id,
    environmentId: row.environmentId,
    name: row.name,
    version: row.version,
    state: row.retiredAt !== null ? 'retired' : row.revokedAt !== null ? 'revoked' : 'offline',
    connectedAt: row.connectedAt?.toISOString() ?? null,
    lastSeenAt: row.lastSeenAt?.toISOString() ?? null,
    ...identityOf(row),
    expected,
    inStep: isInStep(status.running, expected),
    requestsPerSecond: null,
    connections: null,
    inFlight: null,
    eventLoopDelayMs: null,
    draining: false,
  }
}

const nothingSaid: AgentStatus = {
  boot: '',
  running: null,
  refusal: null,
  refused: null,
  overlayRevision: null,
  clockOffsetMs: null,
  health: {},
  emergencies: [],
  warnings: [],
}

export function storedStatus(row: AgentRow): AgentStatus {
  const parsed = agentStatusSchema.safeParse(row.status)
  return parsed.success ? parsed.data : nothingSaid
}

function statusFields({ boot: _boot, refused: _refused, ...shown }: AgentStatus) {
  return shown
}

function isInStep(running: Running | null, expected: Expected): boolean {
  return running !== null && running.epoch === expected.epoch && running.revision === expected.revision
}
