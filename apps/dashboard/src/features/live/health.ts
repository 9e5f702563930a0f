import type { AgentView } from '@crossfade/contracts/api/agents'

export type Health = 'healthy' | 'degraded' | 'down' | 'unknown'

export interface ServiceHealth {
  readonly health: Health
  /** One sentence: `2 of 2 instances healthy on 2 agents`. */
  readonly words: string
}

/** A service as the connected agents see it: the worst of their views. */
export function healthOf(agents: readonly AgentView[], serviceId: string): ServiceHealth {
  const views = agents
    .filter((agent) => agent.state === 'online')
    .flatMap((agent) => {
      const seen = agent.health[serviceId]
      return seen === undefined || seen.total === 0 ? [] : [{ name: agent.name, ...seen }]
    })
  if (views.length === 0) return { health: 'unknown', words: 'No agent reports on its health' }
  const worst = views.reduce((a, b) => (b.healthy / b.total < a.healthy / a.total ? b : a))
  const words = `${worst.healthy} of ${worst.total} instances healthy`
  if (worst.healthy === 0) return { health: 'down', words: `${words}, says agent ${worst.name}` }
  if (worst.healthy < worst.total) return { health: 'degraded', words: `${words}, says agent ${worst.name}` }
  return {
    health: 'healthy',
    words: `${words} on ${views.length} ${views.length === 1 ? 'agent' : 'agents'}`,
  }
}
