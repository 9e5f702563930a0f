import type { AgentView } from '@crossfade/contracts/api/agents'

/** How the online agents see a service: the sum over them, and the agents that see a sick instance. */
export interface SeenHealth {
  readonly healthy: number
  readonly total: number
  readonly worriedAgents: readonly string[]
}

/** Null when no online agent says anything about it (no check, or no agent). */
export function healthOf(serviceId: string, agents: readonly AgentView[]): SeenHealth | null {
  const seen = agents
    .filter(({ state }) => state === 'online')
    .flatMap(({ name, health }) => {
      const own = health[serviceId]
      return own === undefined ? [] : [{ name, ...own }]
    })
  if (seen.length === 0) return null
  return {
    healthy: seen.reduce((sum, { healthy }) => sum + healthy, 0),
    total: seen.reduce((sum, { total }) => sum + total, 0),
    worriedAgents: seen.filter(({ healthy, total }) => healthy < total).map(({ name }) => name),
  }
}

/** Counts are per agent and instance, so that two agents that disagree about one instance stay visible. */
export function healthWords(health: SeenHealth | null): {
  tone: 'good' | 'bad' | 'worse' | 'unknown'
  text: string
} {
  if (health === null || health.total === 0) return { tone: 'unknown', text: 'Not known' }
  if (health.worriedAgents.length === 0) return { tone: 'good', text: 'Healthy' }
  const by = `on ${health.worriedAgents.join(', ')}`
  if (health.healthy === 0) return { tone: 'worse', text: `Down ${by}` }
  return { tone: 'bad', text: `${health.healthy} of ${health.total} healthy, trouble ${by}` }
}
