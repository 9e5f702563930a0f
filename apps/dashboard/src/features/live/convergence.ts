import type { AgentView } from '@crossfade/contracts/api/agents'
import type { LiveView } from './fold.ts'

/** How far one revision is: accepted here, live on `live` of `total` connected agents. */
export interface Progress {
  readonly live: number
  readonly total: number
  /** Names of connected agents that have not confirmed. */
  readonly waitingFor: readonly string[]
  /** From accepted to live everywhere; null until then, or when nobody measured it. */
  readonly ms: number | null
  readonly isLive: boolean
}

/**
 * The feed's own count where it has one for this revision, else what the agents say they run. `byOverlay`: a roll
 * back is also live where its overlay is, whatever the snapshot.
 */
export function progressOf(view: LiveView, revision: number, byOverlay: boolean): Progress {
  const told = view.convergence[revision]
  if (told !== undefined && told.total > 0 && told.live >= told.total) {
    return { live: told.live, total: told.total, waitingFor: [], ms: told.ms, isLive: true }
  }
  const online = Object.values(view.agents).filter((agent) => agent.state === 'online')
  const behind = online.filter((agent) => !runs(agent, view.epoch, revision, byOverlay))
  return {
    live: online.length - behind.length,
    total: online.length,
    waitingFor: behind.map((agent) => agent.name).sort(),
    ms: null,
    isLive: online.length > 0 && behind.length === 0,
  }
}

function runs(agent: AgentView, epoch: string, revision: number, byOverlay: boolean): boolean {
  if (byOverlay && (agent.overlayRevision ?? -1) >= revision) return true
  return agent.running !== null && agent.running.epoch === epoch && agent.running.revision >= revision
}

/** Agents of the environment that run what they should, for "agents live 2 of 2". */
export function inStepOf(view: LiveView): Progress {
  return progressOf(view, view.revision, false)
}
