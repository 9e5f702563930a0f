import { Problem } from '@crossfade/contracts/problems'
import type { AgentView } from '@crossfade/contracts/api/agents'
import type { ToAgent } from '@crossfade/contracts/link'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Publisher } from '../publish/published.ts'
import {
  agentById,
  agentsOf,
  enrolAgent,
  markAgentRetired,
  saveAgentStatus,
  type AgentRow,
} from '../store/fleet.ts'
import type { Store } from '../store/store.ts'
import type { Fleet } from './fleet-types.ts'
import type { Admitted } from './hub-types.ts'
import { statusOf, storedStatus, viewOfLive, viewOfStored, type Hello, type LiveAgent } from './live-agent.ts'
import { createTurns } from './turns.ts'

export interface FleetParts {
  readonly store: Store
  readonly publisher: Publisher
  readonly clock: Clock
  readonly logger: Logger
}

/** The fleet as the hub sees it. */
export interface RunningFleet extends Fleet {
  /** Enrols the agent and makes it online; `send` reaches it. */
  join(admitted: Admitted, hello: Hello, send: (frame: ToAgent) => void): Promise<LiveAgent>
  /** Puts a newer value of an online agent in place of the last; ignored once it has left. */
  update(agent: LiveAgent): void
  /** `boot` and `connectedAt` tell the link that ended from one that replaced it. */
  leave(agent: LiveAgent): void
  online(environmentId: string): readonly LiveAgent[]
  start(): void
  stop(): Promise<void>
}

const saveEveryMs = 30_000
/** After an outage a whole fleet comes at once; more at a time would only wait for connections, and give up. */
const enrolmentsAtOnce = 4

export function createFleet({ store, publisher, clock, logger }: FleetParts): RunningFleet {
  const members = new Map<string, { agent: LiveAgent; send: (frame: ToAgent) => void }>()
  const listeners = new Set<(view: AgentView) => void>()
  /** What the database said last: the list is shown also while it is away. */
  let remembered: readonly AgentRow[] = []
  let stopSaving = () => {}
  const inTurn = createTurns(enrolmentsAtOnce)

  const expectedOf = (environmentId: string): AgentView['expected'] => {
    const header = publisher.current(environmentId)?.header
    return { epoch: header?.epoch ?? '', revision: header?.revision ?? 0 }
  }
  const viewOf = (row: AgentRow): AgentView => {
    const member = members.get(row.id)
    return member ? viewLive(member.agent) : viewOfStored(row, expectedOf(row.environmentId))
  }
  const viewLive = (agent: LiveAgent): AgentView => viewOfLive(agent, expectedOf(agent.environmentId))
  const tell = (view: AgentView) => {
    for (const listener of listeners) listener(view)
  }

  const save = async (agent: LiveAgent): Promise<void> => {
    try {
      await store.read((db) => saveAgentStatus(db, agent.id, statusOf(agent), new Date(agent.lastSeenAt)))
    } catch (error) {
      logger.debug({ err: error, agent: agent.name }, 'The state of an agent was not saved')
    }
  }

  const rows = async (): Promise<readonly AgentRow[]> => {
    try {
      remembered = await store.read((db) => agentsOf(db))
    } catch (error) {
      logger.warn({ err: error }, 'The list of agents is from memory: the database does not answer')
    }
    return remembered
  }

  return {
    async join(admitted, hello, send) {
      const now = clock.now()
      const row = await inTurn(() =>
        store.transaction((db) =>
          enrolAgent(db, {
            environmentId: admitted.environmentId,
            name: hello.name,
            tokenId: admitted.tokenId,
            version: hello.version,
            at: new Date(now),
          }),
        ),
      )
      const before = storedStatus(row)
      const agent: LiveAgent = {
        id: row.id,
        environmentId: row.environmentId,
        name: row.name,
        boot: hello.boot,
        version: hello.version,
        connectedAt: now,
        lastSeenAt: now,
        running: hello.running,
        overlayRevision: null,
        refusal: before.boot === hello.boot ? before.refusal : null,
        refused: before.boot === hello.boot ? before.refused : null,
        offsets: [],
        heartbeat: null,
        emergencies: hello.emergencies,
      }
      members.set(agent.id, { agent, send })
      tell(viewLive(agent))
      return agent
    },
    update(agent) {
      const member = members.get(agent.id)
      if (member?.agent.connectedAt !== agent.connectedAt || member.agent.boot !== agent.boot) return
      const refusalChanged = member.agent.refusal !== agent.refusal
      member.agent = agent
      tell(viewLive(agent))
      if (refusalChanged) void save(agent)
    },
    leave(agent) {
      const member = members.get(agent.id)
      if (member?.agent.connectedAt !== agent.connectedAt || member.agent.boot !== agent.boot) return
      members.delete(agent.id)
      void save(member.agent)
      tell({ ...viewLive(member.agent), state: 'offline' })
    },
    online: (environmentId) =>
      [...members.values()]
        .map((member) => member.agent)
        .filter((agent) => agent.environmentId === environmentId),
    async views(among) {
      const known = (await rows()).filter(
        ({ environmentId }) => among === 'all' || among.includes(environmentId),
      )
      return known.map(viewOf)
    },
    async view(id) {
      const member = members.get(id)
      if (member) return viewLive(member.agent)
      const row = await store.read((db) => agentById(db, id))
      if (row === null) throw new Problem('not_found')
      return viewOf(row)
    },
    async retire(author, id) {
      if (members.has(id)) throw new Problem('agent_online')
      const row = await store.read((db) => agentById(db, id))
      if (row === null) throw new Problem('not_found')
      await store.change(author, row.environmentId, async (tx) => {
        if (!(await markAgentRetired(tx.db, id, new Date(clock.now())))) return
        tx.record({
          act: 'agent.retire',
          object: { kind: 'agent', id, name: row.name },
          before: { state: 'offline', running: storedStatus(row).running },
          after: { state: 'retired' },
        })
      })
      tell({ ...viewOf(row), state: 'retired' })
    },
    async clearEmergency(author, agentId, emergencyId) {
      const member = members.get(agentId)
      if (!member) {
        if ((await store.read((db) => agentById(db, agentId))) === null) throw new Problem('not_found')
        throw new Problem('agent_offline')
      }
      const emergency = member.agent.emergencies.find((one) => one.id === emergencyId)
      if (!emergency) throw new Problem('not_found')
      await store.change(author, member.agent.environmentId, async (tx) => {
        tx.record({
          act: 'agent.emergency-clear',
          object: { kind: 'agent', id: agentId, name: member.agent.name },
          before: emergency,
          after: null,
          alsoTouches: [...emergency.overlay.mappingIds, ...emergency.overlay.groupIds],
        })
      })
      member.send({ type: 'clear-emergency', id: emergencyId })
    },
    onView(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    start() {
      const saveAll = async () => {
        for (const { agent } of members.values()) await save(agent)
      }
      stopSaving = every(clock, saveEveryMs, saveAll, (error) => logger.warn({ err: error }))
    },
    async stop() {
      stopSaving()
      for (const { agent } of members.values()) await save(agent)
    },
  }
}
