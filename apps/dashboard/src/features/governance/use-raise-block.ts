import type { GovernanceView } from '@crossfade/contracts/api/freezes'
import { useQuery } from '@tanstack/react-query'
import { useEnvironmentId } from '../../shared/environment.ts'
import { dateTimeText } from '../../shared/format.ts'
import { useFreshness } from '../live/live-provider.tsx'
import { raiseBlock } from '../mappings/raise-block.ts'
import { governanceQuery } from './governance-queries.ts'

/** Why the share may not go up now, in words; null when it may. Lowering is never blocked (rule 21). */
export function useRaiseBlock(): string | null {
  const governance = useQuery(governanceQuery(useEnvironmentId()))
  const old = raiseBlock(useFreshness())
  return old ?? (governance.data === undefined ? null : blockWords(governance.data))
}

/** Who, why, until when; null while raises are possible. */
export function blockWords({ stopped, freeze }: GovernanceView): string | null {
  if (stopped !== null) {
    const why = stopped.reason === '' ? '' : ` (${stopped.reason})`
    return `${stopped.by} stopped the line${why}: no raises until somebody lifts it. Lowering and Roll back work.`
  }
  if (freeze === null) return null
  const until = freeze.until === null ? 'with no end in sight' : `until ${dateTimeText(freeze.until)}`
  return `Freeze “${freeze.name}”: no raises ${until}. Lowering and Roll back work.`
}
