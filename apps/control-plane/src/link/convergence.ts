import type { Clock } from '@crossfade/runtime/clock'
import type { Publisher } from '../publish/published.ts'
import type { RunningFleet } from './fleet.ts'
import type { Convergence } from './hub-types.ts'
import type { LiveAgent } from './live-agent.ts'

/** Follows each revision from acceptance to the last online agent (rule 19: "live on n of n agents in t ms"). */
export interface ConvergenceWatch {
  /** A revision exists from now on, or since `acceptedAt` (monotonic ms). */
  accepted(environmentId: string, revision: number, acceptedAt?: number): void
  /** An agent just said what it runs. */
  heard(environmentId: string): void
  look(environmentId: string, revision: number): Convergence
  /** Tells listeners soon; without a revision, of the newest. */
  tell(environmentId: string, revision?: number): void
  onChange(listener: (convergence: Convergence) => void): () => void
  stop(): void
}

interface Progress {
  readonly acceptedAt: number
  everywhereAt: number | null
}

const revisionsKept = 200
/** A thousand agents answer at once, and each look counts them all. */
const gatherMs = 25

export function createConvergenceWatch(parts: {
  readonly fleet: Pick<RunningFleet, 'online'>
  readonly publisher: Pick<Publisher, 'current'>
  readonly clock: Clock
}): ConvergenceWatch {
  const { fleet, publisher, clock } = parts
  const known = new Map<string, Progress>()
  /** When an agent of an environment last said what it runs: looks come later than that. */
  const heardAt = new Map<string, number>()
  const due = new Map<string, { readonly environmentId: string; readonly revision: number }>()
  const listeners = new Set<(convergence: Convergence) => void>()
  let cancelTelling: (() => void) | null = null

  const progressOf = (environmentId: string, revision: number, acceptedAt = clock.monotonic()): Progress => {
    const key = `${environmentId}/${revision}`
    const progress = known.get(key)
    if (progress) return progress
    const fresh = { acceptedAt, everywhereAt: null }
    known.set(key, fresh)
    const [oldest] = known.keys()
    if (known.size > revisionsKept && oldest !== undefined) known.delete(oldest)
    return fresh
  }

  const look = (environmentId: string, revision: number): Convergence => {
    const progress = progressOf(environmentId, revision)
    const agents = fleet.online(environmentId)
    const epoch = publisher.current(environmentId)?.header.epoch ?? ''
    const waiting = agents.filter((agent) => !hasRevision(agent, revision, epoch))
    if (waiting.length > 0) progress.everywhereAt = null
    else
      progress.everywhereAt ??= Math.max(progress.acceptedAt, heardAt.get(environmentId) ?? clock.monotonic())
    return {
      environmentId,
      revision,
      live: agents.length - waiting.length,
      total: agents.length,
      waitingFor: waiting.map((agent) => agent.name),
      ms: (progress.everywhereAt ?? clock.monotonic()) - progress.acceptedAt,
    }
  }

  const tellDue = () => {
    cancelTelling = null
    const looks = [...due.values()]
    due.clear()
    for (const { environmentId, revision } of looks) {
      const now = look(environmentId, revision)
      for (const listener of listeners) listener(now)
    }
  }

  return {
    accepted: (environmentId, revision, acceptedAt) => void progressOf(environmentId, revision, acceptedAt),
    heard: (environmentId) => void heardAt.set(environmentId, clock.monotonic()),
    look,
    tell(environmentId, revision = publisher.current(environmentId)?.header.revision) {
      if (revision === undefined) return
      due.set(`${environmentId}/${revision}`, { environmentId, revision })
      cancelTelling ??= clock.after(gatherMs, tellDue)
    },
    onChange(listener) {
      listeners.add(listener)
      return () => listeners.delete(listener)
    },
    stop: () => cancelTelling?.(),
  }
}

/** A roll back counts as there when its overlay is, also on an agent that refused the snapshot. */
function hasRevision(agent: LiveAgent, revision: number, epoch: string): boolean {
  const { running, overlayRevision } = agent
  return (running?.epoch === epoch && running.revision >= revision) || overlayRevision === revision
}
