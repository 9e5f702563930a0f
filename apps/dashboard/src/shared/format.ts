const locale = 'en-GB'
const percentFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 2 })
const tenthFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 1 })
const countFormat = new Intl.NumberFormat(locale, { maximumFractionDigits: 0 })
const clockFormat = new Intl.DateTimeFormat(locale, { hour: '2-digit', minute: '2-digit', second: '2-digit' })
const dateTimeFormat = new Intl.DateTimeFormat(locale, { dateStyle: 'medium', timeStyle: 'medium' })
const relativeFormat = new Intl.RelativeTimeFormat('en', { numeric: 'always' })

/** `12.5 %` */
export function percentText(percent: number): string {
  return `${percentFormat.format(percent)} %`
}

/** `12.5 per cent`, for screen readers. */
export function spokenPercent(percent: number): string {
  return `${percentFormat.format(percent)} per cent`
}

/** `4,210` */
export function countText(count: number): string {
  return countFormat.format(count)
}

/** Requests per second: `0.4`, `12`, `1,204`. */
export function rateText(perSecond: number): string {
  if (perSecond > 0 && perSecond < 0.1) return '< 0.1'
  return perSecond < 10 ? tenthFormat.format(perSecond) : countFormat.format(perSecond)
}

/** A latency: `0.8 ms`, `18 ms`, `1.24 s`. */
export function durationText(ms: number): string {
  if (ms >= 1000) return `${(ms / 1000).toFixed(ms >= 10_000 ? 1 : 2)} s`
  return ms < 10 ? `${tenthFormat.format(ms)} ms` : `${Math.round(ms)} ms`
}

/** A ratio 0…1 as `0.42 %`. */
export function ratioText(ratio: number): string {
  if (ratio > 0 && ratio < 0.0001) return '< 0.01 %'
  return percentText(ratio * 100)
}

/** `14:02:11` */
export function clockText(at: number | string): string {
  return clockFormat.format(new Date(at))
}

/** `3 Nov 2026, 14:02:11` */
export function dateTimeText(at: number | string): string {
  return dateTimeFormat.format(new Date(at))
}

const steps = [
  ['day', 86_400],
  ['hour', 3600],
  ['minute', 60],
  ['second', 1],
] as const

/** `3 seconds ago`, `in 2 days`; seconds count too. */
export function relativeText(at: number | string, now: number): string {
  const seconds = (new Date(at).getTime() - now) / 1000
  const [unit, width] = steps.find(([, wide]) => Math.abs(seconds) >= wide) ?? steps[3]
  return relativeFormat.format(Math.trunc(seconds / width), unit)
}

/** `a, b and c` */
export function listText(names: readonly string[]): string {
  if (names.length <= 1) return names[0] ?? ''
  return `${names.slice(0, -1).join(', ')} and ${names.at(-1)}`
}
