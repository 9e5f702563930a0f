import type { AgentView } from '@crossfade/contracts/api/agents'
import { listText } from '../../shared/format.ts'

/** How many online agents run a revision of the share, counting roll backs that overtook their snapshot. */
export function howFar(
  agents: readonly AgentView[],
  revision: number,
): { isLive: boolean; live: number; total: number; waitingFor: readonly string[] } {
  const online = agents.filter(({ state }) => state === 'online')
  const behind = online.filter(
    ({ running, expected, overlayRevision }) =>
      !(running !== null && running.epoch === expected.epoch && running.revision >= revision) &&
      (overlayRevision ?? -1) < revision,
  )
  return {
    isLive: online.length > 0 && behind.length === 0,
    live: online.length - behind.length,
    total: online.length,
    waitingFor: behind.map(({ name }) => name),
  }
}

/** Accepted and live are two things: this never says "live" before every connected agent is. */
export function howFarText(agents: readonly AgentView[], revision: number): string {
  const { isLive, live, total, waitingFor } = howFar(agents, revision)
  if (total === 0) return 'Accepted; no agent is connected, each takes it up when it comes back'
  const count = `live on ${live} of ${total} ${total === 1 ? 'agent' : 'agents'}`
  return isLive ? `L${count.slice(1)}` : `Accepted, ${count}, waiting for ${listText(waitingFor)}`
}
