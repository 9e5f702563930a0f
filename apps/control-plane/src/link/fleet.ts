import { Problem } from '@crossfade/contracts/problems'
import type { AgentView } from '@crossfade/contracts/api/agents'
import type { ToAgent } from '@crossfade/contracts/link'
import { every, type Clock } from '@crossfade/runtime/clock'
import type { Logger } from '@crossfade/runtime/logger'
import type { Author } from '../store/author.ts'
import type { Publisher } from '../publish/published.ts'
import { revokeCredentials } from '../store/agent-credentials.ts'
import {
  agentById,
  agentsOf,
  claimLink,
  endedLinks,
  markAgentRetired,
  markAgentsRevoked,
  releaseLink,
  saveAgentStatus,
  type AgentWithCredential,
} from '../store/fleet.ts'
import type { Store } from '../store/store.ts'
import type { Fleet } from './fleet-types.ts'
import type { Admitted } from './hub-types.ts'
import {
  identityOf,
  statusOf,
  storedStatus,
  viewOfLive,
  viewOfStored,
  type Hello,
  type KnownIdentity,
  type LiveAgent,
} from './live-agent.ts'

import { createTurns } from './turns.ts'

export interface FleetParts {
  readonly store: Store
  readonly publisher: Publisher
  readonly newId: () => string
  readonly clock: Clock
  readonly logger: Logger
}

/** Why an agent may not have a link. */
export type NoLink = 'duplicate' | 'revoked' | 'replaced'

/** The fleet as the hub sees it. */
export interface RunningFleet extends Fleet {
  /** Makes this link the agent's one and only, and the agent online; `send` reaches it. Else it says why not. */
  join(admitted: Admitted, hello: Hello, send: (frame: ToAgent) => void): Promise<LiveAgent | NoLink>
  /** Links of this control plane that must end, and why: other control planes revoke and take over too. */
  ended(): Promise<readonly { readonly agent: LiveAgent; readonly why: NoLink }[]>
  /** Puts a newer value of an online agent in place of the last; ignored once it has left. */
  update(agent: LiveAgent): void
  /** `boot` and `connectedAt` tell the link that ended from one that replaced it. */
  leave(agent: LiveAgent): void
  online(environmentId: string): readonly LiveAgent[]
  start(): void
  stop(): Promise<void>
}

interface Member {
  agent: LiveAgent
  readonly send: (frame: ToAgent) => void
  /** Under which the database knows this link; null when it was away. */
  linkId: string | null
  identity: KnownIdentity
}

const saveEveryMs = 30_000
/** After an outage a whole fleet comes at once; more at a time would only wait for connections, and give up. */
const claimsAtOnce = 4

export function createFleet({ store, publisher, newId, clock, logger }: FleetParts): RunningFleet {
  const members = new Map<string, Member>()
  const listeners = new Set<(view: AgentView) => void>()
  const endListeners = new Set<(agentId: string) => void>()
  /** What the database said last: the list is shown also while it is away. */
  let remembered: readonly AgentWithCredential[] = []
  const lastRows = new Map<string, AgentWithCredential>()
  let stopSaving = () => {}
  const inTurn = createTurns(claimsAtOnce)

  const expectedOf = (environmentId: string): AgentView['expected'] => {
    const header = publisher.current(environmentId)?.header
    return { epoch: header?.epoch ?? '', revision: header?.revision ?? 0 }
  }
  const viewOf = (row: AgentWithCredential): AgentView => {
    const member = members.get(row.id)
    if (member) member.identity = identityOf(row)
    return member ? viewLive(member) : viewOfStored(row, expectedOf(row.environmentId))
  }
  const viewLive = ({ agent, identity }: Member): AgentView =>
    viewOfLive(agent, identity, expectedOf(agent.environmentId))
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

  const release = async ({ agent, linkId }: Member): Promise<void> => {
    if (linkId === null) return
    try {
      await store.read((db) => releaseLink(db, agent.id, linkId))
    } catch (error) {
      logger.debug({ err: error, agent: agent.name }, 'The end of a link was not saved')
    }
  }

  const rows = async (): Promise<readonly AgentWithCredential[]> => {
    try {
      remembered = await store.read((db) => agentsOf(db))
      for (const row of remembered) lastRows.set(row.id, row)
    } catch (error) {
      logger.warn({ err: error }, 'The list of agents is from memory: the database does not answer')
    }
    return remembered
  }

  /** With the database away a known agent gets its link all the same; it is claimed when that is back. */
  const claim = async (
    agentId: string,
    linkId: string,
    { boot, version }: Pick<Hello, 'boot' | 'version'>,
  ): Promise<{ readonly row: AgentWithCredential; readonly claimed: boolean } | NoLink> => {
    try {
      const at = new Date(clock.now())
      const claimed = await inTurn(() =>
        store.transaction((db) => claimLink(db, { agentId, linkId, boot, version, at })),
      )
      if (claimed.kind === 'live') lastRows.set(agentId, claimed.row)
      else if (claimed.kind === 'gone') lastRows.delete(agentId)
      if (claimed.kind === 'live') return { row: claimed.row, claimed: true }
      return claimed.kind === 'gone' ? 'revoked' : 'duplicate'
    } catch (error) {
      const row = lastRows.get(agentId)
      if (!row || !(error instanceof Problem) || error.code !== 'store_unavailable') throw error
      return { row, claimed: false }
    }
  }

  /** Ends what an agent may do, in one transaction with its audit row, and tells those who must know at once. */
  const end = async (
    author: Author,
    row: AgentWithCredential,
    state: 'revoked' | 'retired',
    reason: string | null,
  ): Promise<void> => {
    await store.change(author, row.environmentId, async (tx) => {
      const at = new Date(clock.now())
      const isNew =
        state === 'retired'
          ? await markAgentRetired(tx.db, row.id, at)
          : (await markAgentsRevoked(tx.db, { id: row.id }, at)) === 1
      if (!isNew) return
      await revokeCredentials(tx.db, { agentId: row.id }, at)
      tx.record({
        act: state === 'retired' ? 'agent.retire' : 'agent.revoke',
        object: { kind: 'agent', id: row.id, name: row.name },
        before: { state: viewOf(row).state, running: storedStatus(row).running },
        after: { state },
        reason,
      })
    })
    lastRows.delete(row.id)
    for (const listener of endListeners) listener(row.id)
    tell({ ...viewOf(row), state })
  }
  const rowOf = async (id: string): Promise<AgentWithCredential> => {
    const row = await store.read((db) => agentById(db, id))
    if (row === null) throw new Problem('not_found')
    return row
  }

  return {
    async join(admitted, hello, send) {
      const now = clock.now()
      const linkId = newId()
      const result = await claim(admitted.agentId, linkId, hello)
      if (typeof result === 'string') return result
      const { row, claimed } = result
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
      const member = { agent, send, linkId: claimed ? linkId : null, identity: identityOf(row) }
      members.set(agent.id, member)
      tell(viewLive(member))
      return agent
    },
    async ended() {
      const here = [...members.values()]
      const links = here.flatMap(({ agent, linkId }) =>
        linkId === null ? [] : [{ agentId: agent.id, linkId }],
      )
      const over = new Map<string, NoLink>()
      for (const { agentId, why } of await store.read((db) => endedLinks(db, links))) over.set(agentId, why)
      for (const member of here.filter(({ linkId }) => linkId === null)) {
        const linkId = newId()
        const result = await claim(member.agent.id, linkId, member.agent)
        if (typeof result === 'string') over.set(member.agent.id, result)
        else if (result.claimed) member.linkId = linkId
      }
      return here.flatMap(({ agent }) => {
        const why = over.get(agent.id)
        return why === undefined ? [] : [{ agent, why }]
      })
    },
    update(agent) {
      const member = members.get(agent.id)
      if (member?.agent.connectedAt !== agent.connectedAt || member.agent.boot !== agent.boot) return
      const refusalChanged = member.agent.refusal !== agent.refusal
      member.agent = agent
      tell(viewLive(member))
      if (refusalChanged) void save(agent)
    },
    leave(agent) {
      const member = members.get(agent.id)
      if (member?.agent.connectedAt !== agent.connectedAt || member.agent.boot !== agent.boot) return
      members.delete(agent.id)
      void save(member.agent)
      void release(member)
      tell({ ...viewLive(member), state: 'offline' })
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
      if (member) return viewLive(member)
      return viewOf(await rowOf(id))
    },
    async revoke(author, id, reason) {
      await end(author, await rowOf(id), 'revoked', reason)
    },
    async retire(author, id) {
      await end(author, await rowOf(id), 'retired', null)
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
    onEnded(listener) {
      endListeners.add(listener)
      return () => endListeners.delete(listener)
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
      for (const member of members.values()) {
        await save(member.agent)
        await release(member)
      }
    },
  }
}
