import type { AgentView } from '@crossfade/contracts/api/agents'

/** One thing that was looked at. */
export interface Finding {
  readonly name: string
  readonly state: 'ok' | 'warning' | 'failed'
  readonly says: string
}

/** All that `crossfade doctor` knows: what to look at first, and what to send along when asking for help. */
export interface Report {
  readonly findings: readonly Finding[]
  readonly agents: readonly {
    readonly environment: string
    readonly name: string
    readonly state: string
    readonly revision: number | null
    readonly expected: number
    readonly version: string | null
  }[]
  /** What the environment of this command sets; secrets are hidden. */
  readonly settings: Readonly<Record<string, string>>
  readonly notes: readonly string[]
}

/** What people ask first, and the answer is no. */
export const notes: readonly string[] = [
  'Agents and control plane speak HTTP/1.1 and WebSocket; HTTP/2 and gRPC are not there yet. ALPN offers http/1.1 only.',
]

const ok = (name: string, says: string): Finding => ({ name, state: 'ok', says })
const warning = (name: string, says: string): Finding => ({ name, state: 'warning', says })
export const finding = {
  ok,
  warning,
  failed: (name: string, says: string): Finding => ({ name, state: 'failed', says }),
}

const clockLimits = { warnMs: 2_000, failMs: 30_000 } as const

/** `Date` has whole seconds, so less than one of them is no difference at all. */
export function clockFinding(date: string | undefined, sentAt: number, heardAt: number): Finding {
  const theirs = Date.parse(date ?? '')
  if (Number.isNaN(theirs)) return warning('clock', 'the answer carries no date to compare with')
  const apart = Math.max(0, sentAt - (theirs + 999), theirs - heardAt)
  const says = `${(apart / 1000).toFixed(1)} s apart from the control plane's`
  if (apart >= clockLimits.failMs)
    return finding.failed('clock', `${says}; tokens and windows go wrong: set both by NTP`)
  return apart >= clockLimits.warnMs ? warning('clock', says) : ok('clock', says)
}

/** What an agent says of itself: one finding for each thing that is not as it should be, or one that all is. */
export function agentFindings(agent: AgentView): Finding[] {
  const name = `agent ${agent.name}`
  if (agent.state === 'retired') return []
  if (agent.state === 'offline') {
    return [warning(name, `offline, last seen ${agent.lastSeenAt ?? 'never'}; it goes on with what it has`)]
  }
  const findings: Finding[] = []
  const running = agent.running?.revision ?? null
  if (agent.refusal) {
    const why = agent.refusal.errors.map(({ path, message }) => `${path}: ${message}`).join('; ')
    findings.push(
      finding.failed(name, `refused revision ${agent.expected.revision} (${agent.refusal.phase}): ${why}`),
    )
  } else if (!agent.inStep) {
    findings.push(warning(name, `runs revision ${running ?? 'none'}, should run ${agent.expected.revision}`))
  }
  if (Math.abs(agent.clockOffsetMs ?? 0) >= clockLimits.warnMs) {
    findings.push(warning(name, `its clock is ${((agent.clockOffsetMs ?? 0) / 1000).toFixed(1)} s off`))
  }
  for (const emergency of agent.emergencies) {
    findings.push(warning(name, `an emergency roll back is in force (${emergency.id}); a person clears it`))
  }
  for (const text of agent.warnings) findings.push(warning(name, text))
  return findings.length > 0
    ? findings
    : [ok(name, `runs revision ${running ?? 'none'}, ${agent.version ?? 'version unknown'}`)]
}
