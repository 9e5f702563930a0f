import { WEEKDAYS, type Freeze, type FreezeWindow } from './model.ts'
import { instantOf, wallAt } from './time-zone.ts'

/** When freezes are on (rule 21), in instants of ms since the epoch, half open. */
export interface Span {
  readonly from: number
  readonly until: number
}

/**
 * The freeze in force at a moment: the one that lasts longest, and when raises are possible again, which is after
 * all freezes that follow it without a gap. `until` is null when no end is in sight.
 */
export function freezeAt(
  freezes: readonly Freeze[],
  now: number,
): { readonly name: string; readonly until: number | null } | null {
  const first = lastingLongest(freezes, now)
  if (first === null) return null
  let end = first.until
  for (let hops = 0; hops < MAX_HOPS; hops += 1) {
    const next = lastingLongest(freezes, end)
    if (next === null) return { name: first.name, until: end }
    end = next.until
  }
  return { name: first.name, until: null }
}

/** The window that is on at a moment, or else the next one; null when there is none any more. */
export function spanAt(window: FreezeWindow, now: number): Span | null {
  if (window.kind === 'once') {
    const span = { from: Date.parse(window.from), until: Date.parse(window.until) }
    return span.until > now ? span : null
  }
  const today = Math.floor(wallAt(window.timeZone, now) / DAY)
  // From yesterday, whose window may go on after midnight, to this day next week.
  for (let day = today - 1; day <= today + WEEKDAYS.length; day += 1) {
    const span = spanOn(window, day)
    if (span !== null && span.until > now) return span
  }
  return null
}

/** `Mon to Fri, 18:00 to 06:00 (Europe/Berlin)`. */
export function windowWords(window: FreezeWindow): string {
  if (window.kind === 'once') return `${stamp(window.from)} to ${stamp(window.until)} (UTC)`
  const { days, from, until, timeZone } = window
  const hours = from === until ? `24 hours from ${from}` : `${from} to ${until}`
  return `${daysWords(WEEKDAYS.map((day) => days.includes(day)))}, ${hours} (${timeZone})`
}

const MINUTE = 60_000
const DAY = 86_400_000
/** More than a week of nights and days that follow each other. */
const MAX_HOPS = 15

function lastingLongest(freezes: readonly Freeze[], now: number): { name: string; until: number } | null {
  let longest: { name: string; until: number } | null = null
  for (const { name, window } of freezes) {
    const span = spanAt(window, now)
    if (span === null || span.from > now) continue
    if (longest === null || span.until > longest.until) longest = { name, until: span.until }
  }
  return longest
}

/** `day` counts days on walls since 1970. Where an hour comes twice, the window has both. */
function spanOn(window: FreezeWindow & { readonly kind: 'weekly' }, day: number): Span | null {
  // The first of January 1970 was a Thursday.
  const weekday = WEEKDAYS[(((day + 3) % 7) + 7) % 7]
  if (weekday === undefined || !window.days.includes(weekday)) return null
  const [from, until] = [timeOfDay(window.from), timeOfDay(window.until)]
  const end = until > from ? until : until + DAY
  const span = {
    from: instantOf(window.timeZone, day * DAY + from, 'first'),
    until: instantOf(window.timeZone, day * DAY + end, 'last'),
  }
  return span.until > span.from ? span : null
}

function timeOfDay(text: string): number {
  const [hours = 0, minutes = 0] = text.split(':').map(Number)
  return (hours * 60 + minutes) * MINUTE
}

function stamp(instant: string): string {
  return new Date(instant).toISOString().slice(0, 16).replace('T', ' ')
}

/** Three days in a row or more are a range. */
function daysWords(chosen: readonly boolean[]): string {
  if (chosen.every(Boolean)) return 'Every day'
  const runs: number[][] = []
  chosen.forEach((isChosen, i) => {
    if (!isChosen) return
    const last = runs.at(-1)
    if (last?.at(-1) === i - 1) last.push(i)
    else runs.push([i])
  })
  const name = (i: number | undefined) => DAY_NAMES[i ?? 0] ?? ''
  const parts = runs.flatMap((run) =>
    run.length > 2 ? [`${name(run[0])} to ${name(run.at(-1))}`] : run.map(name),
  )
  const last = parts.pop() ?? ''
  return parts.length === 0 ? last : `${parts.join(', ')} and ${last}`
}

const DAY_NAMES = ['Mon', 'Tue', 'Wed', 'Thu', 'Fri', 'Sat', 'Sun']
