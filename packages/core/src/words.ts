import { WHOLE, type Share } from './model.ts'

/** Numbers as people read them, the same in audit, mails and on screen. */

/** `12.5 %` of a share in basis points. */
export function shareWords(share: Share): string {
  return `${share / (WHOLE / 100)} %`
}

/** `1.25 %` of a fraction 0…1, with three significant digits. */
export function fractionWords(fraction: number): string {
  return `${plain(fraction * 100)} %`
}

/** Three significant digits without exponent: `0.0312`, `4.57`, `12 300`. */
export function plain(value: number): string {
  if (!Number.isFinite(value)) return '∞'
  const rounded = Number(value.toPrecision(3))
  if (Math.abs(rounded) < 1e-6) return '0'
  return Math.abs(rounded) >= 10_000 ? countWords(rounded) : String(rounded)
}

/** `1 234 567`. */
export function countWords(count: number): string {
  return String(Math.round(count)).replace(/\B(?=(\d{3})+$)/g, ' ')
}

const UNITS = [
  ['d', 86_400_000],
  ['h', 3_600_000],
  ['min', 60_000],
  ['s', 1_000],
] as const

/** `4 min`, `1 h 30 min`, `2 d 4 h`: two units at most, under a second `0 s`. */
export function durationWords(ms: number): string {
  const first = UNITS.findIndex(([, size]) => ms >= size)
  if (first === -1) return '0 s'
  let rest = ms
  const parts: string[] = []
  for (const [unit, size] of UNITS.slice(first, first + 2)) {
    const count = Math.floor(rest / size)
    rest -= count * size
    if (count > 0) parts.push(`${count} ${unit}`)
  }
  return parts.join(' ')
}

/** `1 request`, `2 requests`. */
export function some(count: number, noun: string): string {
  return `${countWords(count)} ${noun}${Math.round(count) === 1 ? '' : 's'}`
}

/** `6 days`, `14 h`, `40 min`: one unit, rounded. */
export function aboutWords(ms: number): string {
  if (ms >= 2 * 86_400_000) return `${Math.round(ms / 86_400_000)} days`
  if (ms >= 5_400_000) return `${Math.round(ms / 3_600_000)} h`
  if (ms >= 90_000) return `${Math.round(ms / 60_000)} min`
  return `${Math.max(1, Math.round(ms / 1_000))} s`
}
