/** `2026-11-21T09:30` on this browser's clock, as date fields write it; empty for nothing. */
export function toField(iso: string | null): string {
  if (iso === null) return ''
  const at = new Date(iso)
  const two = (part: number) => String(part).padStart(2, '0')
  return `${at.getFullYear()}-${two(at.getMonth() + 1)}-${two(at.getDate())}T${two(at.getHours())}:${two(at.getMinutes())}`
}

/** An instant from a date field; null for what is none. */
export function fromField(text: string): string | null {
  const at = new Date(text)
  return text === '' || Number.isNaN(at.getTime()) ? null : at.toISOString()
}

/** This browser's, as a first guess. */
export function ownTimeZone(): string {
  return new Intl.DateTimeFormat().resolvedOptions().timeZone
}

export function timeZones(): readonly string[] {
  const known = Intl.supportedValuesOf('timeZone')
  return [...new Set([ownTimeZone(), 'UTC', ...known])].sort()
}

const dayFormat = new Intl.DateTimeFormat('en-GB', {
  weekday: 'long',
  day: 'numeric',
  month: 'long',
  year: 'numeric',
})

/** `Saturday 21 November 2026`, to group by. */
export function dayText(iso: string): string {
  return dayFormat.format(new Date(iso))
}
