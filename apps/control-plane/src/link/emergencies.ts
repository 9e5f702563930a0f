import type { Emergency } from '@crossfade/contracts/link'
import type { Logger } from '@crossfade/runtime/logger'
import { noteEmergency } from '../store/fleet.ts'
import type { Store } from '../store/store.ts'
import type { LiveAgent } from './live-agent.ts'

/** Puts break-glass roll backs into the audit trail, each once, however often its agent repeats it. */
export interface EmergencyRecorder {
  seen(agent: LiveAgent, emergencies: readonly Emergency[]): Promise<void>
}

export function createEmergencyRecorder(parts: {
  readonly store: Store
  readonly logger: Logger
}): EmergencyRecorder {
  const settled = new Set<string>()

  const record = async (agent: LiveAgent, emergency: Emergency): Promise<void> => {
    const author = {
      actor: { kind: 'agent', id: agent.id, name: `${emergency.by} on ${agent.name}` },
      source: 'agent',
      requestId: null,
    } as const
    const { value: isNew } = await parts.store.change(author, agent.environmentId, async (tx) => {
      if (!(await noteEmergency(tx.db, emergency.id, agent.id))) return false
      const { mappingIds, groupIds } = emergency.overlay
      tx.record({
        act: 'agent.emergency',
        object: { kind: 'agent', id: agent.id, name: agent.name },
        before: null,
        after: { id: emergency.id, at: emergency.at, by: emergency.by, mappingIds, groupIds, percent: 0 },
        reason: emergency.reason,
        alsoTouches: [...mappingIds, ...groupIds],
      })
      return true
    })
    if (isNew) parts.logger.warn({ agent: agent.name, emergency }, 'An agent was rolled back by hand')
  }

  return {
    async seen(agent, emergencies) {
      for (const emergency of emergencies) {
        if (settled.has(emergency.id)) continue
        settled.add(emergency.id)
        try {
          await record(agent, emergency)
        } catch (error) {
          // The agent says it again with its next heartbeat.
          settled.delete(emergency.id)
          parts.logger.warn({ err: error, agent: agent.name }, 'An emergency is not recorded yet')
        }
      }
    },
  }
}
