import type { AgentView } from '@crossfade/contracts/api/agents'
import { durationText } from '../../shared/format.ts'

export type AgentTone = 'good' | 'waiting' | 'bad' | 'away'

/** An agent's state in one word and one sentence. */
export function stateOf(agent: AgentView): { tone: AgentTone; word: string; sentence: string } {
  if (agent.state === 'retired')
    return {
      tone: 'away',
      word: 'Retired',
      sentence: 'Taken out of the fleet; its credentials no longer count here.',
    }
  if (agent.state === 'revoked')
    return {
      tone: 'bad',
      word: 'Revoked',
      sentence: 'Kept out. It comes back only with a token that is made from now on.',
    }
  if (agent.state === 'offline') return { tone: 'bad', word: 'Offline', sentence: offlineSentence(agent) }
  if (agent.draining)
    return { tone: 'waiting', word: 'Draining', sentence: 'Finishes what it has and takes nothing new.' }
  if (agent.refusal !== null)
    return {
      tone: 'bad',
      word: 'Refuses',
      sentence: `Refused the last snapshot (${agent.refusal.phase}) and goes on with the one before.`,
    }
  if (!agent.inStep)
    return { tone: 'waiting', word: 'Catching up', sentence: 'Online, but not at the newest revision yet.' }
  return { tone: 'good', word: 'Online', sentence: 'Online and at the newest revision.' }
}

function offlineSentence({ running }: AgentView): string {
  return running === null
    ? 'Has no snapshot, so it is not ready and serves nothing.'
    : `Keeps serving its last snapshot, revision ${running.revision}, for ever. Changes reach it when it is back.`
}

/** "41 of 43": the revision in force and the one that should be. */
export function revisionText({ running, expected }: AgentView): string {
  if (running === null) return `none of ${expected.revision}`
  if (running.epoch !== expected.epoch) return `${running.revision} of another epoch`
  return `${running.revision} of ${expected.revision}`
}

/** How many revisions behind; null when that cannot be counted. */
export function lagOf({ running, expected }: AgentView): number | null {
  if (running === null || running.epoch !== expected.epoch) return null
  return Math.max(0, expected.revision - running.revision)
}

/** What a person must look at, most pressing first. */
export function worriesOf(agent: AgentView): readonly string[] {
  const { clockOffsetMs, eventLoopDelayMs, refusal } = agent
  return [
    ...(refusal === null
      ? []
      : refusal.errors
          .slice(0, 3)
          .map(({ path, message }) => (path === '' ? message : `${path}: ${message}`))),
    ...agent.emergencies.map(
      ({ by, reason }) => `Rolled back here by ${by}${reason === '' ? '' : `: ${reason}`}`,
    ),
    ...(clockOffsetMs !== null && Math.abs(clockOffsetMs) > 1_000
      ? [`Its clock is ${durationText(Math.abs(clockOffsetMs))} ${clockOffsetMs > 0 ? 'ahead' : 'behind'}`]
      : []),
    ...(eventLoopDelayMs !== null && eventLoopDelayMs > 100
      ? [`Its event loop is late by ${durationText(eventLoopDelayMs)}: it has too much to do`]
      : []),
    ...(agent.duplicateAt === null
      ? []
      : ['A second process came with the same identity and was kept out: was its state directory copied?']),
    ...agent.warnings,
  ]
}

/** Offline and troubled agents first, then by name; retired ones last. */
export function sortAgents(agents: readonly AgentView[]): readonly AgentView[] {
  const rank: Record<AgentTone, number> = { bad: 0, waiting: 1, good: 2, away: 3 }
  return agents.toSorted(
    (a, b) =>
      rank[stateOf(a).tone] - rank[stateOf(b).tone] || a.name.localeCompare(b.name, 'en', { numeric: true }),
  )
}
