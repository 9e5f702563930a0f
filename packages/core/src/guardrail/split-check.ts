import { WHOLE, type Share } from '../model.ts'
import { countWords, fractionWords, shareWords } from '../words.ts'

/** How traffic came to its sides over some time (rule 18). */
export interface SplitTraffic {
  /** By segments and forced sides. */
  readonly steered: { readonly legacy: number; readonly new: number }
  /** Without identity, where the policy is legacy. */
  readonly missing: number
  /** Divided by the share. */
  readonly bucketed: { readonly legacy: number; readonly new: number }
  /** Estimated distinct identities of the bucketed traffic by side, and the estimate's relative standard error. */
  readonly identities: { readonly legacy: number; readonly new: number; readonly error: number } | null
}

export interface SplitCheck {
  readonly asked: Share
  /** Parts of all traffic, 0…1. */
  readonly expected: number
  readonly measured: number | null
  /** Beyond chance from what the share says, with enough sample. */
  readonly alarm: boolean
  readonly words: string
}

/** About once in 150 000 looks by chance. */
const ERRORS = 4.5
const SAMPLE = 500

/**
 * Whether traffic is divided as asked. Only what was bucketed is tested: with `request` identity each request is a
 * throw of its own (binomial); else each identity is, however many requests it makes.
 */
export function checkSplit(share: Share, traffic: SplitTraffic, sticky: boolean): SplitCheck {
  const { steered, missing, bucketed, identities } = traffic
  const divided = bucketed.legacy + bucketed.new
  const all = steered.legacy + steered.new + missing + divided
  const part = share / WHOLE
  const expected = all === 0 ? part : (steered.new + divided * part) / all
  const measured = all === 0 ? null : (steered.new + bucketed.new) / all
  const unit = sticky ? identities : { ...bucketed, error: 0 }
  const alarm = unit !== null && isBeyondChance(part, unit)
  return { asked: share, expected, measured, alarm, words: words() }

  function words(): string {
    if (measured === null) return `Asked ${shareWords(share)}; no traffic yet`
    const what = `Asked ${shareWords(share)}, expected ${fractionWords(expected)} of all traffic, measured ${fractionWords(measured)}`
    if (unit === null) return `${what}; identities are not known`
    const sample = `${countWords(unit.legacy + unit.new)} ${sticky ? 'identities' : 'requests'}`
    return alarm
      ? `${what}: of ${sample} ${fractionWords(unit.new / (unit.legacy + unit.new))} were on new, which is beyond chance`
      : `${what}, from ${sample}`
  }
}

function isBeyondChance(part: number, unit: { legacy: number; new: number; error: number }): boolean {
  const all = unit.legacy + unit.new
  if (all < SAMPLE) return false
  if (part === 0) return unit.new > 0
  if (part === 1) return unit.legacy > 0
  // Few expected on one side: the normal distribution is no measure there.
  if (all * Math.min(part, 1 - part) < 20) return false
  const chance = all * part * (1 - part)
  const [legacyError, newError] = [unit.legacy * unit.error * part, unit.new * unit.error * (1 - part)]
  const spread = Math.sqrt(chance + legacyError ** 2 + newError ** 2)
  return Math.abs(unit.new - all * part) > ERRORS * spread
}
