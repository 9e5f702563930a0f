import type { AgentView } from '@crossfade/contracts/api/agents'
import type { Change } from '@crossfade/contracts/api/changes'
import type { LiveEvent } from '@crossfade/contracts/live'

export type Numbers = Extract<LiveEvent, { type: 'numbers' }>
export type Convergence = Extract<LiveEvent, { type: 'convergence' }>
export interface LiveShare {
  readonly percent: number
  readonly shareVersion: number
}

/** All the live feed has told, as one value. Never edited in place, so React sees each change. */
export interface LiveView {
  /** Number of the last event. */
  readonly n: number
  readonly environmentId: string
  readonly version: string
  readonly epoch: string
  readonly revision: number
  /** The server's clock when `hello` was sent, ms. */
  readonly helloAt: number
  readonly shares: Readonly<Record<string, LiveShare>>
  readonly agents: Readonly<Record<string, AgentView>>
  /** By revision; the newest few. */
  readonly convergence: Readonly<Record<number, Convergence>>
  /** The last minute, oldest first. */
  readonly numbers: readonly Numbers[]
  /** Newest first. */
  readonly changes: readonly Change[]
  readonly ended: 'signed-out' | 'shutting-down' | null
}

/** From a server newer than this page: it counts, and says nothing. */
export interface UnknownEvent {
  readonly type: 'unknown'
  readonly n: number
}

export const keptNumbers = 60
const keptChanges = 20
const keptConvergence = 20

/**
 * The screen's next view. The late and the doubled change nothing; `'gap'` says that an event is missing, and
 * that only a new connection with a full `hello` helps.
 */
export function apply(view: LiveView | null, event: LiveEvent | UnknownEvent): LiveView | 'gap' {
  if (event.type === 'hello') return begin(view, event)
  if (view === null) return 'gap'
  if (event.n <= view.n) return view
  if (event.n > view.n + 1) return 'gap'
  const next = { ...view, n: event.n }
  switch (event.type) {
    case 'agent':
      return { ...next, agents: withAgent(view.agents, event.agent) }
    case 'change':
      return {
        ...next,
        revision: Math.max(view.revision, event.revision),
        shares: withShares(view.shares, event.shares),
        changes: [event.change, ...view.changes].slice(0, keptChanges),
      }
    case 'convergence':
      return { ...next, convergence: withConvergence(view.convergence, event) }
    case 'numbers':
      return { ...next, numbers: [...view.numbers, event].slice(-keptNumbers) }
    case 'bye':
      return { ...next, ended: event.reason }
    case 'unknown':
      return next
  }
}

/** A full view. What the numbers said before a short break is kept; the break stays visible as a gap. */
function begin(before: LiveView | null, hello: Extract<LiveEvent, { type: 'hello' }>): LiveView {
  const same = before !== null && before.environmentId === hello.environmentId && before.epoch === hello.epoch
  return {
    n: hello.n,
    environmentId: hello.environmentId,
    version: hello.version,
    epoch: hello.epoch,
    revision: hello.revision,
    helloAt: hello.now,
    shares: withShares({}, hello.shares),
    agents: Object.fromEntries(hello.agents.map((agent) => [agent.id, agent])),
    convergence: same ? before.convergence : {},
    numbers: same ? before.numbers : [],
    changes: same ? before.changes : [],
    ended: null,
  }
}

function withAgent(agents: LiveView['agents'], agent: AgentView): LiveView['agents'] {
  if (agent.state !== 'retired') return { ...agents, [agent.id]: agent }
  const { [agent.id]: _gone, ...rest } = agents
  return rest
}

function withShares(
  shares: LiveView['shares'],
  moved: readonly { mappingId: string; percent: number; shareVersion: number }[],
): LiveView['shares'] {
  if (moved.length === 0) return shares
  const next = { ...shares }
  for (const { mappingId, percent, shareVersion } of moved) next[mappingId] = { percent, shareVersion }
  return next
}

function withConvergence(known: LiveView['convergence'], event: Convergence): LiveView['convergence'] {
  const next = { ...known, [event.revision]: event }
  const revisions = Object.keys(next).map(Number)
  if (revisions.length <= keptConvergence) return next
  const { [Math.min(...revisions)]: _oldest, ...rest } = next
  return rest
}
