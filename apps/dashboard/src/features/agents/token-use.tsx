import type { AgentTokenView, AgentView } from '@crossfade/contracts/api/agents'
import { useNow } from '../../shared/clock.tsx'
import { RelativeTime } from '../../shared/ui/relative-time.tsx'

/** Who came in with a token, and how long it is good. */
export function TokenUse(props: { token: AgentTokenView; agents: readonly AgentView[] }) {
  const { uses, usedAt, usedBy, lastUsedAt, expiresAt } = props.token
  const now = useNow(5_000)
  if (uses === 'once' && usedAt !== null) {
    const agent = props.agents.find(({ id }) => id === usedBy)
    return (
      <>
        by {agent?.name ?? 'an agent that is gone'}, <RelativeTime at={usedAt} />
      </>
    )
  }
  const last = lastUsedAt === null ? 'never' : <RelativeTime at={lastUsedAt} />
  if (expiresAt === null) return last
  const isOver = Date.parse(expiresAt) <= now
  return (
    <>
      {last}; {isOver ? 'expired' : 'expires'} <RelativeTime at={expiresAt} />
    </>
  )
}
