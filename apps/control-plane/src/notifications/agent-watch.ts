import { every, type Clock } from '@crossfade/runtime/clock'
import type { Part } from '@crossfade/runtime/lifecycle'
import type { Logger } from '@crossfade/runtime/logger'
import { storedStatus } from '../link/live-agent.ts'
import { agentsSeenSince } from '../store/agents-seen.ts'
import type { AgentRow } from '../store/fleet.ts'
import type { Store } from '../store/store.ts'
import type { NotificationEvent } from './events.ts'
import { notify } from './notify.ts'

const lookEveryMs = 15_000
const awayMs = 60_000
/** With a link that nobody ended, such as that of a control plane that died. */
const silentMs = 5 * 60_000
/** Older trouble is history. */
const recentMs = 3_600_000
/** After an outage of ours, agents and what is stored of them need a while to come back. */
const settleMs = 120_000

export interface AgentWatch extends Part {
  /** Tells what is new. */
  look(): Promise<void>
}

/** Tells of agents that are away and of refused snapshots: once each, whichever control plane sees it. */
export function createAgentWatch(parts: {
  readonly store: Store
  readonly clock: Clock
  readonly logger: Logger
}): AgentWatch {
  const { store, clock, logger } = parts
  const told = new Set<string>()
  let wellSince: number | null = null
  let stop = () => {}

  const look = async () => {
    const now = clock.now()
    const since = new Date(now - recentMs)
    const agents = await store.read((db) => agentsSeenSince(db, since))
    wellSince ??= now
    if (now - wellSince < settleMs) return
    const events = agents.flatMap((agent) => eventsOf(agent, now)).filter(({ key }) => !told.has(key))
    if (events.length === 0) return
    await store.transaction((db) => notify(db, events, now))
    for (const { key } of events) told.add(key)
  }

  return {
    name: 'agent watch',
    look,
    async start() {
      stop = every(clock, lookEveryMs, look, (err) => {
        wellSince = null
        logger.warn({ err }, 'Agents could not be looked for')
      })
    },
    stop: async () => stop(),
  }
}

function eventsOf(agent: AgentRow, now: number): NotificationEvent[] {
  const events: NotificationEvent[] = []
  const { lastSeenAt } = agent
  const { refusal } = storedStatus(agent)
  const away = lastSeenAt === null ? 0 : now - lastSeenAt.getTime()
  if (lastSeenAt !== null && away > (agent.liveLink !== null ? silentMs : awayMs) && away < recentMs) {
    const seen = lastSeenAt.toISOString()
    const summary = `${agent.name} is offline, last seen at ${seen}`
    events.push(
      eventOf(agent, 'agent.offline', `offline:${agent.id}:${seen}`, now, summary, { lastSeenAt: seen }),
    )
  }
  if (refusal !== null && now - Date.parse(refusal.at) < recentMs) {
    const [first] = refusal.errors
    const summary = `${agent.name} refused a snapshot and goes on with the one before: ${first?.message ?? ''}`
    events.push(eventOf(agent, 'agent.refused', `refused:${agent.id}:${refusal.at}`, now, summary, refusal))
  }
  return events
}

function eventOf(
  { id, name, environmentId }: AgentRow,
  type: 'agent.offline' | 'agent.refused',
  key: string,
  now: number,
  summary: string,
  after: unknown,
): NotificationEvent {
  return {
    key,
    type,
    at: new Date(now).toISOString(),
    environmentId,
    thread: `agent:${id}`,
    summary,
    actor: null,
    object: { kind: 'agent', id, name },
    act: null,
    change: null,
    before: null,
    after,
    reason: null,
  }
}
