import type { Clock } from '@crossfade/runtime/clock'
import type { LiveAgent } from './live-agent.ts'
import type { Convergence } from './hub-types.ts'

/** Follows each revision from acceptance to the last online agent (rule 19: "live on n of n agents in t ms"). */
export interface ConvergenceWatch {
  /** A revision exists from now on, or since `acceptedAt` (monotonic ms). */
  accepted(environmentId: string, revision: number, acceptedAt?: number): void
  /** How far a revision is among these agents; remembers when it first was everywhere. */
  look(environmentId: string, revision: number, agents: readonly LiveAgent[], epoch: string): Convergence
}

const revisionsKept = 200

export function createConvergenceWatch(clock: Clock): ConvergenceWatch {
  const known = new Map<string, { readonly acceptedAt: number; everywhereAt: number | null }>()

  const entryOf = (environmentId: string, revision: number, acceptedAt = clock.monotonic()) => {
    const key = `${environmentId}/${revision}`
    const entry = known.get(key)
    if (entry) return entry
    const fresh = { acceptedAt, everywhereAt: null }
    known.set(key, fresh)
    const [oldest] = known.keys()
    if (known.size > revisionsKept && oldest !== undefined) known.delete(oldest)
    return fresh
  }

  return {
    accepted: (environmentId, revision, acceptedAt) => void entryOf(environmentId, revision, acceptedAt),
    look(environmentId, revision, agents, epoch) {
      const entry: { readonly acceptedAt: number; everywhereAt: number | null } = entryOf(
        environmentId,
        revision,
      )
      const waiting = agents.filter((agent) => !hasRevision(agent, revision, epoch))
      if (waiting.length > 0) entry.everywhereAt = null
      else entry.everywhereAt ??= clock.monotonic()
      return {
        environmentId,
        revision,
        live: agents.length - waiting.length,
        total: agents.length,
        waitingFor: waiting.map((agent) => agent.name),
        ms: (entry.everywhereAt ?? clock.monotonic()) - entry.acceptedAt,
      }
    },
  }
}

/** A roll back counts as there when its overlay is, also on an agent that refused the snapshot. */
function hasRevision(agent: LiveAgent, revision: number, epoch: string): boolean {
  const { running, overlayRevision } = agent
  return (running?.epoch === epoch && running.revision >= revision) || overlayRevision === revision
}
