const seconds = 1_000
const minutes = 60 * seconds
const hours = 60 * minutes

/** Waits between attempts, about a day in all; after the last one there is no further attempt. */
const waits = [
  5 * seconds,
  1 * minutes,
  5 * minutes,
  30 * minutes,
  2 * hours,
  4 * hours,
  6 * hours,
  12 * hours,
]
const longestAsked = 12 * hours

/**
 * ms until the next attempt after `failed` ones, up to a tenth more or less so that many do not come at once;
 * null when there is none. A receiver may ask for longer (`Retry-After`, ms), within reason.
 */
export function waitBeforeRetry(failed: number, asked: number | null, random: () => number): number | null {
  const wait = waits[failed - 1]
  if (wait === undefined) return null
  return Math.round(Math.max(wait * (0.9 + 0.2 * random()), Math.min(asked ?? 0, longestAsked)))
}

/** Retry-After in ms (RFC 9110 section 10.2.3), from now on; null when there is none that can be read. */
export function askedToWait(header: string | undefined, now: number): number | null {
  if (header === undefined) return null
  if (/^\d{1,9}$/.test(header)) return Number(header) * seconds
  const date = Date.parse(header)
  return Number.isNaN(date) ? null : Math.max(0, date - now)
}
