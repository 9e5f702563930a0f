import { listText } from '../format.ts'

/** Where a claim would come from, or why there is none. */
export function claimHint(issuers: readonly string[]): string {
  return issuers.length === 0
    ? 'This environment has no issuer, so claims are empty: everyone counts as without one.'
    : `From tokens of ${listText(issuers)}. /realm_access/roles reaches further down.`
}
