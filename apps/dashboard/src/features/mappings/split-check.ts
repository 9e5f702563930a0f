import type { Identity } from '@crossfade/core/model'
import { countText, percentText } from '../../shared/format.ts'

export interface SplitCheck {
  readonly kind: 'quiet' | 'as-asked' | 'off'
  readonly words: string
}

/** Fewer requests say nothing about a share. */
const enough = 500
/** Standard deviations beyond which chance is no excuse (one wrong alarm in some 15 000 checks). */
const beyondChance = 4

/**
 * Asked against measured (rule 18). Requests drawn one by one follow a binomial; with a sticky identity a few
 * busy users pull the requests away from the share without anything being wrong, so that is only told.
 */
export function checkSplit(
  asked: number,
  measured: { readonly percent: number | null; readonly requests: number },
  identity: Identity,
): SplitCheck {
  const { percent, requests } = measured
  if (percent === null || requests < enough) {
    return { kind: 'quiet', words: `Too few requests to check the split (${countText(requests)})` }
  }
  const told = `${percentText(asked)} asked, ${percentText(Math.round(percent * 10) / 10)} measured in ${countText(requests)} requests`
  if (identity.kind !== 'request')
    return { kind: 'as-asked', words: `${told}; sticky, so a few busy users show` }
  const p = asked / 100
  const deviation = Math.sqrt((p * (1 - p)) / requests)
  const off = Math.abs(percent / 100 - p)
  return off > Math.max(beyondChance * deviation, 1e-9)
    ? { kind: 'off', words: `${told}: more than chance explains` }
    : { kind: 'as-asked', words: told }
}
