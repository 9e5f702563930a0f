import { Problem } from '@crossfade/contracts/problems'
import type { CredentialWithAgent } from '../store/agent-credentials.ts'

/** How long the one before still opens links, once its successor was used (AG-03). */
export const supersededGraceMs = 10 * 60_000
/** How long after its end a credential can be renewed: what was switched off for a while comes back by itself. */
export const lateRenewalMs = 30 * 24 * 3_600_000

/** `now` in ms. */
export function refuseUnlessGood(row: CredentialWithAgent, purpose: 'link' | 'renew', now: number): void {
  if (row.agent.revokedAt !== null || row.agent.retiredAt !== null || row.revokedAt !== null) {
    throw new Problem('credential_revoked')
  }
  const supersededAt = row.supersededAt?.getTime() ?? null
  if (supersededAt !== null && (purpose === 'renew' || now >= supersededAt + supersededGraceMs)) {
    throw new Problem('credential_expired', { detail: 'A newer credential of this agent is in use' })
  }
  const end = row.expiresAt.getTime() + (purpose === 'renew' ? lateRenewalMs : 0)
  if (now >= end) {
    throw new Problem('credential_expired', { detail: `It expired at ${row.expiresAt.toISOString()}` })
  }
}
