import type { EvidenceWindow } from './evidence.ts'

/** How far one agent's reports have come. */
export interface AgentProgress {
  readonly agentId: string
  readonly name: string
  /** End of the newest window it reported, ms since the epoch in the control plane's clock. */
  readonly reportedThrough: number
  /** When it last had traffic of any mapping, by its own reports; null for never. */
  readonly lastTrafficAt: number | null
}

export interface Judgeable {
  /** Windows that end here or earlier may be judged. */
  readonly through: number
  /** Names of agents that hold it back. */
  readonly waitsFor: readonly string[]
}

const AGE_MS = 3_000
const ACTIVE_MS = 60_000

/**
 * Up to where windows may be judged (rule 16): 3 s old, and reported by every agent that had traffic in the last
 * minute. An agent that dies holds judging back until its last traffic is a minute old, and no longer.
 */
export function judgeableThrough(agents: readonly AgentProgress[], now: number): Judgeable {
  const oldEnough = now - AGE_MS
  const active = agents.filter(
    ({ lastTrafficAt }) => lastTrafficAt !== null && now - lastTrafficAt <= ACTIVE_MS,
  )
  const late = active.filter(({ reportedThrough }) => reportedThrough < oldEnough)
  return {
    through: Math.min(oldEnough, ...active.map(({ reportedThrough }) => reportedThrough)),
    waitsFor: late.map(({ name }) => name),
  }
}

/**
 * The windows to judge now, in order: after those judged before, up to what may be judged. A late batch lands in a
 * window that was judged, so it is history and never comes here again.
 */
export function selectWindows(
  windows: readonly EvidenceWindow[],
  judgedThrough: number,
  judgeable: Judgeable,
): EvidenceWindow[] {
  return windows
    .filter(({ at, seconds }) => at >= judgedThrough && at + seconds * 1_000 <= judgeable.through)
    .sort((a, b) => a.at - b.at)
}
