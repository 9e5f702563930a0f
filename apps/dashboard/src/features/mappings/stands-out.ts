import type { ClientsView } from '@crossfade/contracts/api/series'

/** Fewer requests say nothing. */
const leastRequests = 30
const standardErrors = 3

/**
 * Whether a kind of client fails more on new than on legacy, by more than chance would: two proportions, three
 * standard errors apart. A hint for people; the guardrails judge by their own test.
 */
export function standsOut({ legacy, new: fresh }: ClientsView['clients'][number]): boolean {
  if (fresh === null || legacy === null) return false
  if (fresh.requests < leastRequests || legacy.requests < leastRequests) return false
  const difference = fresh.errors / fresh.requests - legacy.errors / legacy.requests
  const pooled = (fresh.errors + legacy.errors) / (fresh.requests + legacy.requests)
  const each = 1 / fresh.requests + 1 / legacy.requests
  return difference > standardErrors * Math.sqrt(pooled * (1 - pooled) * each)
}
