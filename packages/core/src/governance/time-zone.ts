/**
 * Clocks on walls, as the IANA time zone data that Intl carries has them. A wall time is counted as if it were UTC,
 * in ms: that is a number that can be reckoned with, and no instant.
 */

export function isTimeZone(name: string): boolean {
  try {
    formatOf(name)
    return true
  } catch {
    return false
  }
}

/** What a clock in that zone shows at an instant. */
export function wallAt(timeZone: string, instant: number): number {
  const parts: Record<string, number> = {}
  for (const { type, value } of formatOf(timeZone).formatToParts(instant)) parts[type] = Number(value)
  const { year = 0, month = 1, day = 1, hour = 0, minute = 0, second = 0 } = parts
  const wall = Date.UTC(year, month - 1, day, hour, minute, second)
  return wall + (((instant % SECOND) + SECOND) % SECOND)
}

/**
 * When a clock in that zone shows a wall time. Shown twice (clocks go back) it is the first or the last time as
 * asked; never shown (clocks go forward) it is the moment of the jump.
 */
export function instantOf(timeZone: string, wall: number, which: 'first' | 'last'): number {
  // No zone is a day away from UTC, and none jumps twice within two days.
  const [before, after] = [wall - DAY, wall + DAY].map((near) => wallAt(timeZone, near) - near)
  if (before === undefined || after === undefined) throw new TypeError('two offsets')
  const candidates = [wall - before, wall - after].filter((instant) => wallAt(timeZone, instant) === wall)
  if (candidates.length > 0) return which === 'first' ? Math.min(...candidates) : Math.max(...candidates)
  return jumpIn(timeZone, wall)
}

const SECOND = 1000
const DAY = 86_400_000

/** The instant at which clocks leap over a wall time, to the millisecond. */
function jumpIn(timeZone: string, wall: number): number {
  let [low, high] = [wall - DAY, wall + DAY]
  while (high - low > 1) {
    const middle = Math.floor((low + high) / 2)
    if (wallAt(timeZone, middle) < wall) low = middle
    else high = middle
  }
  return high
}

const formats = new Map<string, Intl.DateTimeFormat>()

function formatOf(timeZone: string): Intl.DateTimeFormat {
  let format = formats.get(timeZone)
  if (!format) {
    format = new Intl.DateTimeFormat('en-US', {
      timeZone,
      calendar: 'gregory',
      numberingSystem: 'latn',
      hourCycle: 'h23',
      year: 'numeric',
      month: 'numeric',
      day: 'numeric',
      hour: 'numeric',
      minute: 'numeric',
      second: 'numeric',
    })
    formats.set(timeZone, format)
  }
  return format
}
