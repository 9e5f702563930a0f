import { errorsOf } from '../tally.ts'
import { fractionWords } from '../words.ts'
import { NOTHING, plus, type Counts, type EvidenceWindow } from './evidence.ts'

/** Legacy must be worse by this much, and beyond this many standard errors, to be called worse. */
const POINTS = 0.01
const ERRORS = 2.33
const SAMPLE = 20

/**
 * Whether sending everyone to legacy would send them to the worse side now (rule 17): why, or null. `windows` are the
 * last judged minute or two; `unavailable` says that legacy has no healthy instance, or an open breaker.
 */
export function legacyIsWorse(windows: readonly EvidenceWindow[], unavailable: string | null): string | null {
  if (unavailable !== null) return unavailable
  let legacy: Counts = NOTHING
  let fresh: Counts = NOTHING
  for (const window of windows) {
    legacy = plus(legacy, { bad: errorsOf(window.legacy.tally), all: window.legacy.tally.requests })
    fresh = plus(fresh, { bad: errorsOf(window.new.tally), all: window.new.tally.requests })
  }
  if (legacy.all < SAMPLE || fresh.all === 0) return null
  const [old, now] = [legacy.bad / legacy.all, fresh.bad / fresh.all]
  const pooled = (legacy.bad + fresh.bad) / (legacy.all + fresh.all)
  const spread = Math.sqrt(pooled * (1 - pooled) * (1 / legacy.all + 1 / fresh.all))
  if (old - now <= Math.max(POINTS, ERRORS * spread)) return null
  return `${fractionWords(old)} of legacy's requests fail, ${fractionWords(now)} of new's`
}
