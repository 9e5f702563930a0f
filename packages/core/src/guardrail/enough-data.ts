import { WHOLE, type Share } from '../model.ts'
import { aboutWords, plain, shareWords } from '../words.ts'
import type { Guardrail } from './model.ts'

/** Comparable traffic of a mapping, requests a second. */
export type Rate = number

/**
 * How long until a stage at this share has seen enough to be judged, in ms; null for never at this rate: the share
 * leaves one side without traffic, or a window is too short to hold an absolute limit's sample.
 */
export function enoughDataMs(
  rate: Rate,
  share: Share,
  guardrails: readonly Guardrail[],
  minimumRequests: number,
): number | null {
  const part = share / WHOLE
  const waits = guardrails.map((guardrail) => waitOf(guardrail, rate * part, rate * (1 - part), part === 1))
  waits.push(minimumRequests === 0 ? 0 : secondsFor(minimumRequests, rate * part))
  const longest = Math.max(...waits)
  return Number.isFinite(longest) ? Math.ceil(longest) * 1_000 : null
}

/** `At about 12 requests an hour and 1 %, enough data in about 6 days; at 10 %, 14 h`, for a share and some larger ones. */
export function enoughDataWords(
  rate: Rate,
  shares: readonly Share[],
  guardrails: readonly Guardrail[],
  minimumRequests: number,
): string {
  const [first = WHOLE, ...others] = shares
  const wait = (share: Share) => {
    const ms = enoughDataMs(rate, share, guardrails, minimumRequests)
    return ms === null ? 'never' : aboutWords(ms)
  }
  const rest = others.map((share) => `; at ${shareWords(share)}, ${wait(share)}`).join('')
  const begin = wait(first)
  const when = begin === 'never' ? 'never enough data' : `enough data in about ${begin}`
  return `At ${rateWords(rate)} and ${shareWords(first)}, ${when}${rest}`
}

/** `about 12 requests a minute`: in the unit in which it is a number people can picture. */
export function rateWords(rate: Rate): string {
  if (rate === 0) return 'no traffic'
  const units = [
    ['second', 1],
    ['minute', 60],
    ['hour', 3_600],
    ['day', 86_400],
  ] as const
  const [unit, seconds] = units.find(([, size]) => rate * size >= 1) ?? units[3]
  const count = plain(rate * seconds)
  return `about ${count} request${count === '1' ? '' : 's'} ${unit === 'hour' ? 'an' : 'a'} ${unit}`
}

function waitOf(guardrail: Guardrail, fresh: Rate, legacy: Rate, alone: boolean): number {
  const { limit, minimumSample, windowMs, metric } = guardrail
  if (guardrail.dryRun || guardrail.action === 'alert') return 0
  if (metric.kind === 'breaker-openings' || metric.kind === 'ledger-lag' || metric.kind === 'external')
    return 0
  // Not every answer is compared; how many are is not a matter of the share.
  if (metric.kind === 'mismatch-rate') return 0
  if (limit.kind === 'absolute') {
    const seconds = secondsFor(minimumSample, fresh)
    return seconds * 1_000 <= windowMs ? seconds : Number.POSITIVE_INFINITY
  }
  const both = alone ? fresh : Math.min(fresh, legacy)
  return secondsFor(minimumSample, both)
}

function secondsFor(requests: number, rate: Rate): number {
  return rate === 0 ? Number.POSITIVE_INFINITY : requests / rate
}
