import type { GovernanceView } from '@crossfade/contracts/api/freezes'

/** An environment where raises are possible, for tests. */
export function governanceView(more: Partial<GovernanceView> = {}): GovernanceView {
  return {
    environmentId: 'default',
    version: 1,
    protection: {
      abovePercent: null,
      stepPercent: null,
      quorum: 1,
      selfApproval: false,
      expiresHours: 72,
    },
    stopped: null,
    freeze: null,
    words: 'Raises are possible.',
    ...more,
  }
}
